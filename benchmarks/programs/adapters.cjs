// What the peers have in common: making a trace of ten spans with seven tags each, and sending what waits.
//
// Each makes the same calls in its own words: four tags are given at the start of a span, three are set later, the children
// name their parent. Nothing is patched: these are the spans of a program that traces itself.

const CHILDREN = 9

/** Four tags, one of them a number. */
const startTags = (i) => ({
  'http.method': 'GET',
  'http.url': 'http://shop.example/api/users/42/orders?page=3',
  'customer.id': `customer-${i}`,
  'items.count': i % 100,
})

/** A place that keeps the bare loop from being optimized away. */
let kept

exports.bare = {
  start() {},
  makeTrace(i) {
    for (let child = 0; child <= CHILDREN; child++) kept = { tags: startTags(i), parent: kept?.tags }
  },
  async flush() {},
}

exports.dd = {
  start() {
    tracerOfDd().init()
  },
  makeTrace(i) {
    const tracer = tracerOfDd()
    const root = tracer.startSpan('bench.request', { tags: startTags(i) })
    for (let child = 0; child < CHILDREN; child++) {
      finish(tracer.startSpan('bench.work', { childOf: root, tags: startTags(i) }), i)
    }
    finish(root, i)
  },
  flush: () => tracerOfDd().flush(),
}

let tracer

function tracerOfDd() {
  tracer ??= require(`${process.env.BENCH_DD}/src/index.js`).tracer
  return tracer
}

exports['dd-trace'] = {
  start() {
    require('dd-trace').init({ plugins: false })
  },
  makeTrace(i) {
    const tracer = require('dd-trace')
    const root = tracer.startSpan('bench.request', { tags: startTags(i) })
    for (let child = 0; child < CHILDREN; child++) {
      finish(tracer.startSpan('bench.work', { childOf: root, tags: startTags(i) }), i)
    }
    finish(root, i)
  },
  // It has no public flush; this is what its own exit does.
  flush: () => new Promise((resolve) => require('dd-trace')._tracer._exporter.flush(resolve)),
}

function finish(span, i) {
  span.setTag('cache.hit', 'miss')
  span.setTag('region', 'eu-west-1')
  span.setTag('attempt', i % 4)
  span.finish()
}

exports.opentelemetry = {
  start() {
    const { node, tracing, resources } = require('@opentelemetry/sdk-node')
    const { OTLPTraceExporter } = require('@opentelemetry/exporter-trace-otlp-proto')
    const provider = new node.NodeTracerProvider({
      resource: resources.resourceFromAttributes({ 'service.name': 'bench' }),
      spanProcessors: [new tracing.BatchSpanProcessor(new OTLPTraceExporter())],
    })
    provider.register()
  },
  makeTrace(i) {
    const { trace, ROOT_CONTEXT } = require('@opentelemetry/api')
    const tracer = trace.getTracer('bench')
    const root = tracer.startSpan('bench.request', { attributes: startTags(i) }, ROOT_CONTEXT)
    const parent = trace.setSpan(ROOT_CONTEXT, root)
    for (let child = 0; child < CHILDREN; child++) {
      end(tracer.startSpan('bench.work', { attributes: startTags(i) }, parent), i)
    }
    end(root, i)
  },
  flush: () => require('@opentelemetry/api').trace.getTracerProvider().getDelegate().forceFlush(),
  // It sends 512 spans at a time, one payload after the other, and drops what exceeds its queue.
  pause: () => exports.opentelemetry.flush(),
}

function end(span, i) {
  span.setAttribute('cache.hit', 'miss')
  span.setAttribute('region', 'eu-west-1')
  span.setAttribute('attempt', i % 4)
  span.end()
}
