// The measured program of propagation-cost: writes and reads headers in a loop and reports nanoseconds of CPU per turn.

const SPANS = 512
const WARM_UP_TURNS = 200_000
const TURNS = 500_000

/** What a browser sends besides. */
const BROWSER = {
  host: 'shop.example',
  'user-agent': 'Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0',
  accept: 'text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8',
  'accept-language': 'en-GB,en;q=0.5',
  'accept-encoding': 'gzip, deflate, br, zstd',
  connection: 'keep-alive',
  cookie: 'session=0123456789abcdef',
  'cache-control': 'no-cache',
}

const tracers = {
  bare: () => ({
    startSpan: () => ({}),
    inject: (_span, _format, headers) => headers,
    extract: (_format, headers) => headers.host,
  }),
  dd: () => require(`${process.env.BENCH_DD}/src/index.js`).tracer.init(),
  'dd-trace': () => require('dd-trace').init({ plugins: false }),
}

const tracer = tracers[process.argv[2]]()
const spans = Array.from({ length: SPANS }, () => tracer.startSpan('bench.request'))
const none = spans.map(() => ({ ...BROWSER }))
const carriers = spans.map((span) => {
  const headers = { ...BROWSER }
  tracer.inject(span, 'http_headers', headers)
  return headers
})

/** A place that keeps loops from being optimized away. */
let kept

const steps = {
  inject(turn) {
    const headers = {}
    tracer.inject(spans[turn % SPANS], 'http_headers', headers)
    kept = headers
  },
  extract(turn) {
    kept = tracer.extract('http_headers', carriers[turn % SPANS])
  },
  'extract (no trace)'(turn) {
    kept = tracer.extract('http_headers', none[turn % SPANS])
  },
}

const nanos = {}
for (const [name, step] of Object.entries(steps)) {
  for (let turn = 0; turn < WARM_UP_TURNS; turn++) step(turn)
  const before = process.cpuUsage()
  for (let turn = 0; turn < TURNS; turn++) step(turn)
  const { user, system } = process.cpuUsage(before)
  nanos[name] = ((user + system) * 1000) / TURNS
}

process.on('disconnect', () => process.exit())
process.send({ ...nanos, kept: kept === undefined })
