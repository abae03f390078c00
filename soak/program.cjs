// The program that is watched: an Express application with Redis and PostgreSQL. It knows nothing of `dd`, which is preloaded or not; but it
// counts by itself what `dd` must make a span of, and when it is asked it measures its memory and looks for what has been left in it.

const http = require('node:http')
const v8 = require('node:v8')
const express = require('express')
const pg = require('pg')
const redis = require('redis')
const answer = require('./answers.cjs')
const { BIG_BYTES } = require('./kinds.cjs')

const { REDIS_URL, POSTGRES_URL, SOAK_BUILD } = process.env
const ITEMS = 1000
const MAX_CONNECTIONS = 20
const RSS_INTERVAL_MS = 100
/** For what should be over at once. */
const PATIENCE_MS = 10_000

/** The numbers of the requests that have come, a bit for each. */
let come = new Uint8Array(1 << 18)
const counts = { requests: 0, open: 0, spans: 0, twice: 0 }
let largestRssBytes = 0
/** CPU time that measuring takes, which is not the program's. */
let measuringMicros = 0

const client = redis.createClient({ url: REDIS_URL })
// Connections are not closed when idle, so that their number is the same at each measurement.
const pool = new pg.Pool({ connectionString: POSTGRES_URL, max: MAX_CONNECTIONS, idleTimeoutMillis: 0 })

const command = (name, ...args) => {
  counts.spans++
  return client[name](...args)
}

const query = (on, text, values) => {
  counts.spans++
  return on.query(text, values)
}

/** A middleware that is counted, unless the response is over: what still runs then is nobody's. */
function counted(middleware) {
  const count = (response) => {
    if (!response.isOver) counts.spans++
  }
  const wrapped =
    middleware.length === 4
      ? (error, request, response, next) => {
          count(response)
          return middleware(error, request, response, next)
        }
      : (request, response, next) => {
          count(response)
          return middleware(request, response, next)
        }
  return Object.defineProperty(wrapped, 'name', { value: middleware.name })
}

const app = express()
app.disable('x-powered-by')
app.disable('etag')

app.use(
  counted(function identify(request, response, next) {
    response.setHeader('X-Request-Id', String(request.number))
    next()
  }),
)
app.use(
  counted(async function recognize(request, _response, next) {
    request.session = await command('get', `session:${request.number}`)
    next()
  }),
)

const api = express.Router()
api.get(
  '/item/:number',
  counted(async function item({ number }, response) {
    const text = `select name, price from item where id = $1 -- request ${number}`
    const { rows } = await query(pool, text, [number % ITEMS])
    response.json({ request: number, ...rows[0] })
  }),
)
api.get(
  '/both/:number',
  counted(async function both({ number }, response) {
    const all = await Promise.all([
      command('incr', `seen:${number}`),
      command('expire', `seen:${number}`, 5),
      query(pool, `select 1 as one, pg_sleep(0.001) -- request ${number}`),
      query(pool, `select 2 as two -- request ${number}`),
    ])
    response.json({ request: number, rows: all.slice(2).map(({ rows }) => rows[0]) })
  }),
)
api.post(
  '/order/:number',
  counted(express.json()),
  counted(async function order({ number, body }, response) {
    counts.spans++
    const connection = await pool.connect()
    try {
      await query(connection, 'begin')
      const values = [number % ITEMS]
      await query(connection, `update item set stock = stock + 1 where id = $1 -- request ${number}`, values)
      const { rows } = await query(connection, `select stock from item where id = $1 -- request ${number}`, values)
      await query(connection, 'commit')
      response.status(201).json({ request: body.request, ...rows[0] })
    } finally {
      connection.release()
    }
  }),
)
api.get(
  '/fails/:number',
  counted(async function fails({ number }) {
    await command('get', `fails:${number}`)
    throw new Error(`request ${number} fails`)
  }),
)
api.get(
  '/wrong/:number',
  counted(async function wrong({ number }) {
    await query(pool, `select nothing from nowhere -- request ${number}`)
  }),
)
const big = 'x'.repeat(BIG_BYTES)
api.get(
  '/big/:number',
  counted(function answerMuch({ number }, response) {
    response.json({ request: number, big })
  }),
)
app.use('/api', counted(api))
app.use(
  counted(function nothing({ number }, response) {
    response.status(404).json({ request: number })
  }),
)
app.use(
  counted(function explain(error, { number }, response, _next) {
    response.status(error.status ?? 500).json({ request: number, error: error.message })
  }),
)

const server = http.createServer({ keepAliveTimeout: 30_000 }, (request, response) => {
  const { url } = request
  const number = Number(url.slice(url.lastIndexOf('/') + 1))
  request.number = number
  note(number)
  counts.requests++
  counts.spans++
  counts.open++
  const over = () => {
    if (!response.isOver) counts.open--
    response.isOver = true
  }
  response.on('finish', over)
  response.on('close', over)
  // An answer that waits for others on its connection hears nothing when that closes.
  if (response.socket === null) request.socket.setMaxListeners(0).on('close', over)
  app(request, response)
})

function note(number) {
  const at = number >> 3
  if (at >= come.length) {
    const longer = new Uint8Array(2 * at)
    longer.set(come)
    come = longer
  }
  const bit = 1 << (number & 7)
  if ((come[at] & bit) !== 0) counts.twice++
  come[at] |= bit
}

/** What `dd` keeps of the program: only classes of its own, and those of requests. */
const watched = { request: http.IncomingMessage, response: http.ServerResponse }
let tracer
if (SOAK_BUILD !== undefined) {
  tracer = require('dd').tracer
  watched.span = require(`${SOAK_BUILD}/src/trace/span.js`).Span
  watched.trace = require(`${SOAK_BUILD}/src/trace/trace.js`).Trace
}

const sumOf = ({ user, system }) => user + system

const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms))

/** Sockets of Redis and of an exporter. */
const OTHER_SOCKETS = 2

/** Whether nothing is under way any more, and no connection of a query that has failed is still being closed. */
async function isAtRest() {
  const connections = await new Promise((resolve) => server.getConnections((_error, count) => resolve(count)))
  if (counts.open > 0 || connections > 0 || pool.waitingCount > 0 || pool.idleCount < pool.totalCount) return false
  const sockets = process.getActiveResourcesInfo().filter((name) => name === 'TCPSocketWrap')
  return sockets.length <= pool.totalCount + OTHER_SOCKETS
}

async function settle() {
  for (let waitedMs = 0; waitedMs < PATIENCE_MS && !(await isAtRest()); waitedMs += 10) await pause(10)
  await pause(20)
}

answer({
  async start() {
    client.on('error', () => {})
    pool.on('error', () => {})
    await client.connect()
    // All at once, so that there are as many from the beginning.
    counts.spans += MAX_CONNECTIONS
    const all = await Promise.all(Array.from({ length: MAX_CONNECTIONS }, () => pool.connect()))
    for (const connection of all) connection.release()
    setInterval(() => {
      largestRssBytes = Math.max(largestRssBytes, process.memoryUsage.rss())
    }, RSS_INTERVAL_MS).unref()
    await new Promise((resolve) => server.listen(0, '127.0.0.1', 2000, resolve))
    return { port: server.address().port }
  },

  settle,

  async flush() {
    await tracer?.flush()
  },

  /** All that is left of what has been. */
  async measure() {
    await settle()
    const before = process.cpuUsage()
    for (let round = 0; round < 2; round++) {
      globalThis.gc()
      await pause(5)
    }
    const live = {}
    if (v8.queryObjects !== undefined)
      for (const [name, each] of Object.entries(watched)) live[name] = v8.queryObjects(each)
    const { heapUsed, external, rss } = process.memoryUsage()
    const handles = {}
    for (const name of process.getActiveResourcesInfo()) handles[name] = (handles[name] ?? 0) + 1
    // The pool closes connections whose query has failed, and opens others when it needs them.
    handles.TCPSocketWrap -= pool.totalCount
    measuringMicros += sumOf(process.cpuUsage(before))
    const sample = { heapBytes: heapUsed, externalBytes: external, rssBytes: rss, largestRssBytes, handles, live }
    largestRssBytes = 0
    return { ...sample, cpuMicros: sumOf(process.cpuUsage()) - measuringMicros, counts: { ...counts } }
  },

  /** What the program knows by itself, and what `dd` says. */
  tell() {
    return {
      counts: { ...counts },
      come: Buffer.from(come).toString('base64'),
      diagnostics: tracer?.diagnostics().traces,
    }
  },
})
