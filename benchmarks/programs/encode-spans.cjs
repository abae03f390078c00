// The measured program of encoding: writes one payload again and again with one encoder, after it has shown that the payload holds
// what it should.

const assert = require('node:assert')
const { dirname, join } = require('node:path')
const msgpack = require('@msgpack/msgpack')
const adapters = require('./adapters.cjs')

const TRACES = 500
const SPANS_PER_TRACE = 10
const WARM_UP_PAYLOADS = 40
const PAYLOADS = 60
/** No payload of these traces is that long. */
const MAX_BYTES = 64 * 2 ** 20

/** What each span got from the program (adapters.cjs). */
const TAGS = ['http.method', 'http.url', 'customer.id', 'items.count', 'cache.hit', 'region', 'attempt']

/** Finished traces of dd, as they reach its exporter. */
function chunksOfDd() {
  const chunks = []
  const { LazyExporter } = require(`${process.env.BENCH_DD}/src/export/lazy-exporter.js`)
  LazyExporter.prototype.export = (chunk) => chunks.push(chunk)
  adapters.dd.start()
  for (let i = 0; i < TRACES; i++) adapters.makeTrace(adapters.dd, i)
  assert.equal(chunks.length, TRACES)
  return chunks
}

function ddEncoder(file, className) {
  const encoderClass = require(`${process.env.BENCH_DD}/src/export/${file}.js`)[className]
  return new encoderClass({
    service: 'bench',
    env: 'bench',
    version: '1.0.0',
    tags: {},
    runtimeId: () => '11111111-2222-4333-8444-555555555555',
    pid: process.pid,
  })
}

/** `write()` makes a payload, `done(payload)` says that it is not needed any more. */
function dd(file = 'encoder', className = 'TraceEncoder') {
  const chunks = chunksOfDd()
  const encoder = ddEncoder(file, className)
  return {
    write() {
      for (const chunk of chunks) encoder.add(chunk, MAX_BYTES)
      return encoder.take()
    },
    done: (payload) => encoder.giveBack(payload),
  }
}

/** Finished spans of dd-trace, by trace, in the order in which it formats them: as they were begun. */
function spansOfDdTrace() {
  const peer = adapters['dd-trace']
  peer.start()
  // They are formatted and encoded below, again and again; this first time is not sent.
  require('dd-trace')._tracer._exporter.export = () => {}
  return Array.from({ length: TRACES }, (_, i) => {
    const spans = []
    const root = peer.root(i)
    spans.push(root)
    for (let child = 1; child < SPANS_PER_TRACE; child++) {
      const span = peer.child(root, i)
      spans.push(span)
      peer.finish(span, i)
    }
    peer.finish(root, i)
    return spans
  })
}

function ddTrace(version, isAlone) {
  const traces = spansOfDdTrace()
  const source = join(dirname(require.resolve('dd-trace/package.json')), 'packages/dd-trace/src')
  const formatSpan = require(join(source, 'span_format.js'))
  const { AgentEncoder } = require(join(source, `encode/${version}.js`))
  const encoder = new AgentEncoder({ flush: () => assert.fail('the payload was too large') })
  const format = (spans) => spans.map((span, i) => formatSpan(span, i === 0, false))
  const formatted = isAlone ? traces.map(format) : undefined
  return {
    write() {
      if (formatted === undefined) for (const spans of traces) encoder.encode(format(spans))
      else for (const spans of formatted) encoder.encode(spans)
      return encoder.makePayload()
    },
  }
}

const decode = (payload) => msgpack.decode(payload, { useBigInt64: true })

/** A library that writes plain objects: those of dd's payload. */
function library(encode, prepare = (objects) => objects) {
  const { write } = dd()
  const objects = decode(write())
  const prepared = prepare(objects)
  return { write: () => encode(prepared), expected: objects }
}

/** msgpack-lite takes integers of 64 bits as objects of a package that comes with it. */
const { Uint64BE } = require(require.resolve('int64-buffer', { paths: [require.resolve('msgpack-lite')] }))

function withUint64(value) {
  if (typeof value === 'bigint') return new Uint64BE(Number(value >> 32n), Number(value & 0xffffffffn))
  if (Array.isArray(value)) return value.map(withUint64)
  if (typeof value !== 'object') return value
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, withUint64(inner)]))
}

const encoders = {
  dd: () => dd(),
  'dd, version 0.5': () => dd('table-encoder', 'TableEncoder'),
  'dd-trace': () => ddTrace('0.4', false),
  'dd-trace, version 0.5': () => ddTrace('0.5', false),
  'dd-trace, encoding alone': () => ddTrace('0.4', true),
  'dd-trace, version 0.5, encoding alone': () => ddTrace('0.5', true),
  'msgpack-lite': () => library(require('msgpack-lite').encode, withUint64),
  '@msgpack/msgpack'() {
    const encoder = new msgpack.Encoder({ useBigInt64: true })
    return library((objects) => encoder.encode(objects))
  },
  msgpackr() {
    const packr = new (require('msgpackr').Packr)({ useRecords: false })
    return library((objects) => packr.pack(objects))
  },
}

/** Spans as maps, whatever the version. */
function spansOf(payload) {
  const decoded = decode(payload)
  const isTable = decoded.length === 2 && typeof decoded[0][0] === 'string'
  if (!isTable) return decoded.flat()
  const [texts, chunks] = decoded
  const named = (map) => Object.fromEntries(Object.entries(map).map(([key, value]) => [texts[key], value]))
  const texted = (map) => Object.fromEntries(Object.entries(map).map(([key, value]) => [key, texts[value]]))
  return chunks.flat().map(([service, name, resource, , , parent_id, , , error, meta, metrics]) => ({
    service: texts[service],
    name: texts[name],
    resource: texts[resource],
    parent_id,
    error,
    meta: texted(named(meta)),
    metrics: named(metrics),
  }))
}

/** What must be the same in every payload, in an order that does not depend on who wrote it. */
function content(spans) {
  return spans
    .map(({ service, name, resource, parent_id, error, meta, metrics }) => {
      const tags = TAGS.map((tag) => meta[tag] ?? metrics[tag])
      return JSON.stringify([service, name, resource, error, BigInt(parent_id) === 0n, ...tags])
    })
    .sort()
}

function expectedContent() {
  const spans = []
  for (let i = 0; i < TRACES; i++) {
    for (let place = 0; place < SPANS_PER_TRACE; place++) {
      const name = place === 0 ? 'bench.request' : 'bench.work'
      const url = 'http://shop.example/api/users/42/orders?page=3'
      const tags = ['GET', url, `customer-${i}`, i % 100, 'miss', 'eu-west-1', i % 4]
      spans.push(JSON.stringify(['bench', name, name, 0, place === 0, ...tags]))
    }
  }
  return spans.sort()
}

const { write, done = () => {}, expected } = encoders[process.argv[2]]()

const first = write()
assert.deepEqual(content(spansOf(first)), expectedContent())
if (expected !== undefined) assert.deepEqual(decode(first), expected)
const bytes = first.length
done(first)

for (let i = 0; i < WARM_UP_PAYLOADS; i++) done(write())
const before = process.cpuUsage()
for (let i = 0; i < PAYLOADS; i++) done(write())
const { user, system } = process.cpuUsage(before)

process.on('disconnect', () => process.exit())
process.send({ cpuMicros: user + system, spans: TRACES * SPANS_PER_TRACE * PAYLOADS, bytes: bytes * PAYLOADS })
