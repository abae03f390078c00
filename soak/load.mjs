// The clients, in a process of their own: many connections that ask one request after another, a thousand that ask at once, and rude ones that
// go away in the middle. Every answer is looked at: its status, and that it is the answer to this request.
//
// Bare sockets instead of Node's HTTP client: on a small machine the load must leave the program its core.

import { once } from 'node:events'
import { createRequire } from 'node:module'
import { connect } from 'node:net'

const require = createRequire(import.meta.url)
const answer = require('./answers.cjs')
const { KINDS, BIG_BYTES, kindOf, pathOf } = require('./kinds.cjs')

const HOST = '127.0.0.1'
const HEADERS_END = '\r\n\r\n'
/** Faults that are told one by one. */
const MAX_TOLD = 10

let faults = []
let faulty = 0

function fault(text) {
  faulty++
  if (faults.length < MAX_TOLD) faults.push(text)
}

function told(result) {
  const all = { ...result, faulty, faults }
  faulty = 0
  faults = []
  return all
}

/** The bytes of a request. */
function requestOf(kind, number) {
  const { body } = KINDS[kind]
  const text = body?.(number)
  const about = text === undefined ? '' : `Content-Type: application/json\r\nContent-Length: ${text.length}\r\n`
  const method = text === undefined ? 'GET' : 'POST'
  return `${method} ${pathOf(kind, number)} HTTP/1.1\r\nHost: shop.test\r\nUser-Agent: soak/1.0\r\n${about}\r\n${text ?? ''}`
}

/** Takes answers out of what a connection receives. */
class Answers {
  #text = ''
  /** Where the answer ends that has begun to arrive. */
  #end = -1
  #bodyAt = 0

  /** Calls `each(status, body)` for each that is whole. */
  take(part, each) {
    this.#text += part
    while (this.#text !== '') {
      if (this.#end === -1 && !this.#readHead()) return
      if (this.#text.length < this.#end) return
      const status = Number(this.#text.slice(9, 12))
      const body = this.#text.slice(this.#bodyAt, this.#end)
      this.#text = this.#text.slice(this.#end)
      this.#end = -1
      each(status, body)
    }
  }

  #readHead() {
    const at = this.#text.indexOf(HEADERS_END)
    if (at === -1) return false
    const length = /\r\ncontent-length: (\d+)/i.exec(this.#text.slice(0, at))
    if (length === null) throw new Error(`an answer has no Content-Length: ${this.#text.slice(0, at)}`)
    this.#bodyAt = at + HEADERS_END.length
    this.#end = this.#bodyAt + Number(length[1])
    return true
  }
}

function check(kind, number, status, body) {
  if (status !== KINDS[kind].status) fault(`${pathOf(kind, number)} was answered ${status}: ${body.slice(0, 100)}`)
  else if (!new RegExp(`"request":${number}\\b`).test(body.slice(0, 60)))
    fault(`${pathOf(kind, number)} got the answer of another request: ${body.slice(0, 100)}`)
  else if (kind === 'big' && body.length < BIG_BYTES) fault(`${pathOf(kind, number)} got ${body.length} bytes`)
}

async function open(port) {
  const socket = connect({ port, host: HOST, noDelay: true })
  socket.setEncoding('latin1')
  await once(socket, 'connect')
  return socket
}

function summaryOf(latencies) {
  const sorted = Float64Array.from(latencies).sort()
  const at = (share) => sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? 0
  return { p50: at(0.5), p99: at(0.99), largest: at(1) }
}

/** Requests from `from` on, until `requests` are done or `durationMs` have passed. */
async function steady({ port, from, requests = Number.POSITIVE_INFINITY, durationMs, connections }) {
  const until = durationMs === undefined ? Number.POSITIVE_INFINITY : performance.now() + durationMs
  const latencies = []
  let next = from
  const work = async () => {
    const socket = await open(port)
    await new Promise((resolve) => {
      const answers = new Answers()
      let sentAtMs = 0
      let number
      let kind
      const ask = () => {
        if (next - from >= requests || performance.now() >= until) return end()
        number = next++
        kind = kindOf(number)
        sentAtMs = performance.now()
        socket.write(requestOf(kind, number))
      }
      const end = () => {
        number = undefined
        socket.destroy()
        resolve()
      }
      socket.on('error', (error) => fault(`a connection failed: ${error.message}`))
      socket.on('close', () => {
        if (number === undefined) return
        fault(`the connection of ${pathOf(kind, number)} was closed`)
        resolve()
      })
      socket.on('data', (part) =>
        answers.take(part, (status, body) => {
          latencies.push(performance.now() - sentAtMs)
          check(kind, number, status, body)
          ask()
        }),
      )
      ask()
    })
  }
  await Promise.all(Array.from({ length: connections }, work))
  return told({ next, answered: latencies.length, latencies: summaryOf(latencies) })
}

/** As many connections as requests, all asking at the same time. */
async function atOnce({ port, from, requests }) {
  const sockets = await Promise.all(Array.from({ length: requests }, () => open(port)))
  const began = performance.now()
  const latencies = []
  const work = (socket, index) =>
    new Promise((resolve) => {
      const number = from + index
      const kind = kindOf(number)
      const answers = new Answers()
      socket.on('error', (error) => fault(`a connection failed: ${error.message}`))
      socket.on('close', resolve)
      socket.on('data', (part) =>
        answers.take(part, (status, body) => {
          latencies.push(performance.now() - began)
          check(kind, number, status, body)
          socket.destroy()
        }),
      )
      socket.write(requestOf(kind, number))
    })
  await Promise.all(sockets.map(work))
  if (latencies.length !== requests) fault(`${requests - latencies.length} of ${requests} were not answered`)
  return told({ next: from + requests, answered: latencies.length, latencies: summaryOf(latencies) })
}

const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms))

/** Numbers between 0 and 1 that are the same in each run: a linear congruential generator, whose upper bits are good enough to choose by. */
function dice(seed) {
  let state = seed >>> 0
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return state / 2 ** 32
  }
}

/** Longer than a request takes, so that some are left in each of its parts and some after it. */
const LONGEST_STAY_MS = 25
const PIPELINED = 4
const SLOW_BYTES = 64 * 1024
const SLOW_PAUSE_MS = 3

/** What rude clients do; each gets a connection and `take()` for a number, and returns the numbers that must have been answered. */
const MANNERS = {
  async 'comes and goes'(socket, { leave }) {
    leave(socket)
  },

  async 'sends half of the headers'(socket, { take, throwDice, leave }) {
    const text = requestOf('item', take())
    socket.write(text.slice(0, 1 + Math.floor(throwDice() * (text.length - 4))))
    await pause(throwDice() * LONGEST_STAY_MS)
    leave(socket)
  },

  async 'sends half of a body'(socket, { take, throwDice, leave }) {
    const text = requestOf('order', take())
    const head = text.indexOf(HEADERS_END) + HEADERS_END.length
    socket.write(text.slice(0, head + Math.floor(throwDice() * (text.length - head - 1))))
    await pause(throwDice() * LONGEST_STAY_MS)
    leave(socket)
  },

  async 'leaves before the answer'(socket, { take, throwDice, leave }) {
    const kind = ['item', 'both', 'order', 'fails', 'wrong', 'nothing'][Math.floor(throwDice() * 6)]
    socket.write(requestOf(kind, take()))
    await pause(throwDice() * LONGEST_STAY_MS)
    leave(socket)
  },

  async 'says that it sends no more'(socket, { take }) {
    // Which Node takes for the end of both sides, unless the answer is quicker.
    socket.end(requestOf('item', take()))
    await once(socket.resume(), 'close')
  },

  async 'asks several before the first answer'(socket, { take, expectAnswers }) {
    const asked = ['item', 'fails', 'order', 'both'].slice(0, PIPELINED).map((kind) => [kind, take()])
    socket.write(asked.map(([kind, number]) => requestOf(kind, number)).join(''))
    await expectAnswers(socket, asked)
    socket.destroy()
  },

  async 'asks several and leaves'(socket, { take, throwDice, leave }) {
    const asked = ['item', 'both', 'order', 'nothing'].map((kind) => requestOf(kind, take()))
    socket.write(asked.join(''))
    await pause(throwDice() * LONGEST_STAY_MS)
    leave(socket)
  },

  async 'reads slowly'(socket, { take, expectAnswers }) {
    const number = take()
    let read = 0
    socket.on('data', (part) => {
      read += part.length
      if (read < SLOW_BYTES) return
      read = 0
      socket.pause()
      setTimeout(() => socket.resume(), SLOW_PAUSE_MS)
    })
    socket.write(requestOf('big', number))
    await expectAnswers(socket, [['big', number]])
    socket.destroy()
  },

  async 'reads slowly and leaves'(socket, { take, throwDice, leave }) {
    socket.write(requestOf('big', take()))
    socket.once('data', () => socket.pause())
    await pause(throwDice() * LONGEST_STAY_MS)
    leave(socket)
  },
}

/** `requests` numbers from `from` on, by rude clients, `connections` at a time. */
async function rude({ port, from, requests, connections, seed }) {
  const throwDice = dice(seed)
  const manners = Object.entries(MANNERS)
  const done = Object.fromEntries(manners.map(([name]) => [name, 0]))
  let next = from
  let answered = 0
  const expectAnswers = (socket, asked) =>
    new Promise((resolve) => {
      const answers = new Answers()
      const left = [...asked]
      const end = () => {
        socket.off('close', end)
        if (left.length > 0) fault(`${left.map(([kind, number]) => pathOf(kind, number)).join()} were not answered`)
        resolve()
      }
      socket.on('close', end)
      socket.on('data', (part) =>
        answers.take(part, (status, body) => {
          const [kind, number] = left.shift()
          answered++
          check(kind, number, status, body)
          if (left.length === 0) end()
        }),
      )
    })
  const tools = {
    throwDice,
    expectAnswers,
    take: () => next++,
    leave: (socket) => (throwDice() < 0.5 ? socket.resetAndDestroy() : socket.destroy()),
  }
  const work = async () => {
    while (next - from < requests) {
      const [name, manner] = manners[Math.floor(throwDice() * manners.length)]
      done[name]++
      const socket = await open(port)
      socket.on('error', () => {})
      await manner(socket, tools)
    }
  }
  await Promise.all(Array.from({ length: connections }, work))
  return told({ next, answered, done })
}

answer({ steady, atOnce, rude })
