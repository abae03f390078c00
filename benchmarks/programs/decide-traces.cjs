// The measured program of sampler-decision: makes traces of one span in batches, has each batch decided, and reports the CPU time of
// the decisions alone.

const BATCH = 1000
const BATCHES = 400
/** Compilers go on improving hot code for a while. */
const WARM_UP_BATCHES = 100

const OTHERS = Array.from({ length: 10 }, (_, i) => ({ service: `other-${i}*`, name: '*.query', sampleRate: 0.5 }))

/** The options of both tracers, and the Agent's rates. */
const SITUATIONS = {
  'agent rate': { rates: { 'service:bench,env:bench': 0.5 } },
  'rule fits': {
    samplingRules: [{ service: 'ben*', resource: 'GET /api/*', tags: { tier: 'g?ld' }, sampleRate: 0.5 }],
    rateLimit: -1,
  },
  'rules do not fit': { samplingRules: OTHERS, rates: { 'service:bench,env:bench': 0.5 } },
  limited: { samplingRules: [{ sampleRate: 1 }], rateLimit: 100 },
}

const PEERS = {
  dd({ rates, ...options }) {
    const { tracer } = require(`${process.env.BENCH_DD}/src/index.js`)
    // The sampler itself is not public: it is caught on its way to the tracer.
    let sampler
    const configure = Object.getPrototypeOf(Object.getPrototypeOf(tracer)).configure
    tracer.configure = function (parts) {
      sampler = parts.sampler
      return configure.call(this, parts)
    }
    tracer.init(options)
    if (rates) sampler.setAgentRates(rates)
    return { tracer, decide: (span) => sampler.decide(span.trace), isKept: (span) => span.trace.priority > 0 }
  },
  'dd-trace'({ rates, ...options }) {
    const tracer = require('dd-trace').init({ plugins: false, ...options })
    const sampler = tracer._tracer._prioritySampler
    if (rates) sampler.update(rates)
    return { tracer, decide: (span) => sampler.sample(span), isKept: (span) => span.context()._sampling.priority > 0 }
  },
}

const { tracer, decide, isKept } = PEERS[process.argv[2]](SITUATIONS[process.argv[3]])

function decideBatch() {
  const spans = []
  for (let i = 0; i < BATCH; i++) {
    const span = tracer.startSpan('web.request', {
      childOf: null,
      tags: { 'resource.name': `GET /api/${i}`, tier: 'gold' },
    })
    spans.push(span)
  }
  const before = process.cpuUsage()
  for (const span of spans) decide(span)
  const { user, system } = process.cpuUsage(before)
  let kept = 0
  for (const span of spans) if (isKept(span)) kept++
  return { cpuMicros: user + system, kept }
}

const sum = { cpuMicros: 0, kept: 0 }
for (let batch = 0; batch < WARM_UP_BATCHES + BATCHES; batch++) {
  const { cpuMicros, kept } = decideBatch()
  if (batch < WARM_UP_BATCHES) continue
  sum.cpuMicros += cpuMicros
  sum.kept += kept
}
process.send({ ...sum, decisions: BATCH * BATCHES })
process.on('disconnect', () => process.exit())
