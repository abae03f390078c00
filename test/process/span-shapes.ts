// Every shape of span that a program can make with `dd`, ordinary and odd: what the real Agent is sent, by this process and by spawned
// ones. Plain calls of the public tracer, nothing else.

import type { Span, tracer as Tracer } from '../../src'

const NAMES = [
  '',
  '123',
  'GET /users/:id',
  '日本',
  'größe',
  '_a__b_',
  'a._b-.c',
  '.x',
  ' a',
  'n'.repeat(300),
  'é'.repeat(90),
]
const SERVICES = [
  '',
  'My Shop',
  '!!!',
  '店',
  'ÄÖÜ',
  'İ',
  'a_',
  '_a',
  'a  b',
  '1/2:3.4-5',
  's'.repeat(300),
  'ä'.repeat(120),
  '😀x',
]
const RESOURCES = [
  '',
  'SELECT * FROM users',
  'a\nb\tc\0d',
  'a\ud800b',
  '😀'.repeat(10),
  'r'.repeat(5000),
  'r'.repeat(5001),
  'é'.repeat(2500),
  'é'.repeat(2501),
  '😀'.repeat(2000),
]
const TYPES = ['', 'web', 'worker', 'Any Thing', 't'.repeat(100), 't'.repeat(101), '店'.repeat(50)]

const TAGS: Record<string, unknown>[] = [
  { 'http.status_code': 200 },
  { 'http.status_code': 999 },
  { 'http.status_code': 'OK' },
  { 'http.status_code': '' },
  { 'peer.service': 'My Peer' },
  { 'peer.service': '!!!' },
  { 'peer.service': 'p'.repeat(300) },
  { env: 'Other Env!', version: 'v 1.0', '_dd.base_service': 'Base Service' },
  { ['k'.repeat(200)]: 'v', ['k'.repeat(201)]: 'v', ['é'.repeat(150)]: 1, ['m'.repeat(500)]: 2 },
  { ' ': 'space', 'ü key': '', 'a.b.c': 'x', 'tab\there': 'y', '😀': 'z' },
  { long: 'x'.repeat(25_000), longer: 'x'.repeat(25_001), wide: 'é'.repeat(12_501), wider: '😀'.repeat(10_000) },
  { text: 'a\ud800b\0c', empty: '', yes: true, no: false, list: [1, 'a'], nested: { a: 1, b: { c: 'd' } } },
  {
    zero: 0,
    negative: -1.5,
    minusZero: -0,
    huge: 1.7e308,
    tiny: 5e-324,
    safe: 2 ** 53,
    int: -(2 ** 31),
    big: 2n ** 70n,
  },
  {
    nan: Number.NaN,
    infinite: Number.POSITIVE_INFINITY,
    nothing: null,
    undef: undefined,
    fn: () => {},
    date: new Date(0),
  },
  { 'error.type': 'E', 'error.message': 'm'.repeat(30_000), 'error.stack': 's' },
  { 'manual.keep': true },
  { 'manual.drop': true },
  { 'sampling.priority': 2 },
  { 'sampling.priority': 0 },
  { '_dd.p.dm': '-9', '_dd.origin': 'mine', '_dd.measured': 1, language: 'mine', 'runtime-id': 'mine' },
  Object.fromEntries(Array.from({ length: 600 }, (_, i) => [`tag ${i}`, i % 2 === 0 ? i : `value ${i}`])),
]

/** Makes them all, each a trace of its own with a child; nothing stays open. */
export function makeSpanShapes(tracer: typeof Tracer): void {
  const trace = (name: string, options: Parameters<typeof Tracer.startSpan>[1] = {}): Span => {
    const root = tracer.startSpan(name, { childOf: null, ...options })
    tracer.startSpan('child', { childOf: root, service: 'shop-db', type: 'sql', kind: 'client' }).finish()
    return root
  }
  for (const name of NAMES) trace(name).finish()
  for (const service of SERVICES) trace('op', { service }).setTag('service.name', service).finish()
  for (const resource of RESOURCES) trace('op').setTag('resource.name', resource).finish()
  for (const type of TYPES) trace('op', { type }).finish()
  for (const tags of TAGS) trace('op', { tags, measured: true }).finish()
  for (const kind of ['server', 'client', 'producer', 'consumer', 'internal'] as const) trace('op', { kind }).finish()
  makeErrors(trace)
  makeLinksAndEvents(trace)
  makeOddTimes(trace)
  continueTraces(tracer)
  makeParts(tracer)
  const rejected = tracer.startSpan('rejected', { childOf: null, tags: { 'manual.drop': true } })
  for (const name of ['single.kept', 'single.lost']) tracer.startSpan(name, { childOf: rejected }).finish()
  rejected.finish()
}

type Make = (name: string, options?: Parameters<typeof Tracer.startSpan>[1]) => Span

function makeErrors(trace: Make): void {
  const errors = [
    new Error('plain'),
    new TypeError('é'.repeat(20_000)),
    'text',
    7,
    null,
    undefined,
    { message: 'object' },
  ]
  for (const error of errors) trace('op').setError(error).finish()
  trace('op', { tags: { error: true } }).finish()
}

function makeLinksAndEvents(trace: Make): void {
  const link = { traceId: '0123456789abcdef0123456789abcdef', spanId: '0123456789abcdef' }
  trace('op', { links: [link] }).finish()
  trace('op', { links: [{ ...link, attributes: { 'link.name': '!!!', a: 'é"\\\n' } }] }).finish()
  const many = trace('op')
  for (let i = 0; i < 150; i++) many.addLink(link, { i: String(i), filler: 'x'.repeat(300) })
  many.finish()
  trace('op').addEvent('plain').addEvent('', { text: 'é\0', yes: true, one: 1, half: 0.5 }).finish()
  const full = trace('op')
  for (let i = 0; i < 150; i++) full.addEvent(`event ${i}`, { filler: 'x'.repeat(300) })
  full.finish()
  trace('op', { tags: { events: 'of the program' } })
    .addEvent('beside it')
    .finish()
}

function makeOddTimes(trace: Make): void {
  const times = [5, 946_684_799_999, 946_684_800_000, 4e12, 2 ** 63 / 1e6 - 1000, -1, Number.NaN]
  for (const startTime of times) {
    trace('op', { startTime }).finish()
    trace('op', { startTime }).finish(startTime - 5)
    trace('op', { startTime }).finish(2 ** 63 / 1e6 - 10)
  }
}

function continueTraces(tracer: typeof Tracer): void {
  for (const priority of ['-1', '0', '1', '2', '']) {
    for (const origin of ['', 'synthetics', 'ö', 'rum']) {
      for (const traceId of ['1', '9223372036854775808', '18446744073709551615']) {
        const headers = {
          'x-datadog-trace-id': traceId,
          'x-datadog-parent-id': '18446744073709551615',
          'x-datadog-tags': '_dd.p.tid=0123456789abcdef,_dd.p.usr=a=b c,_dd.p.dm=-4',
          ...(priority && { 'x-datadog-sampling-priority': priority }),
          ...(origin && { 'x-datadog-origin': origin }),
        }
        const remote = tracer.extract('http_headers', headers)
        tracer.startSpan('continued', { childOf: remote ?? null }).finish()
      }
    }
  }
}

/** More spans than `partialFlushMinSpans`: the trace leaves in parts. */
function makeParts(tracer: typeof Tracer): void {
  for (const tags of [{}, { 'manual.drop': true }]) {
    const root = tracer.startSpan('parts', { childOf: null, tags })
    for (let i = 0; i < 25; i++) tracer.startSpan(i === 13 ? 'single.kept' : 'part', { childOf: root }).finish()
    root.finish()
  }
}
