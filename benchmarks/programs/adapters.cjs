// What the peers have in common: making spans with seven tags each by their own API, and sending what waits.
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

/**
 * How much of the work a peer is given: some take ten times as long for a span as others, and its cost has settled long before.
 */
exports.shareOf = (name) => (name === 'opentelemetry' || name === 'elastic' ? 0.2 : 1)

/** Ten spans. */
exports.makeTrace = (peer, i) => {
  const root = peer.root(i)
  for (let child = 0; child < CHILDREN; child++) peer.finish(peer.child(root, i), i)
  peer.finish(root, i)
}

/** A place that keeps the bare loop from being optimized away. */
let kept

exports.bare = {
  start() {},
  root: (i) => ({ tags: startTags(i), parent: undefined }),
  child: (root, i) => ({ tags: startTags(i), parent: root.tags }),
  finish(span) {
    kept = span
  },
  async flush() {
    return kept === undefined
  },
}

/** What dd and dd-trace have alike. */
const datadog = (tracer) => ({
  root: (i) => tracer().startSpan('bench.request', { tags: startTags(i) }),
  child: (root, i) => tracer().startSpan('bench.work', { childOf: root, tags: startTags(i) }),
  finish(span, i) {
    span.setTag('cache.hit', 'miss')
    span.setTag('region', 'eu-west-1')
    span.setTag('attempt', i % 4)
    span.finish()
  },
})

let tracerOfDd
const dd = () => (tracerOfDd ??= require(`${process.env.BENCH_DD}/src/index.js`).tracer)

exports.dd = {
  ...datadog(dd),
  start: () => dd().init(),
  flush: () => dd().flush(),
}

let tracerOfDdTrace
const ddTrace = () => (tracerOfDdTrace ??= require('dd-trace'))

exports['dd-trace'] = {
  ...datadog(ddTrace),
  start: () => ddTrace().init({ plugins: false }),
  // It has no public flush; this is what its own exit does.
  flush: () => new Promise((resolve) => ddTrace()._tracer._exporter.flush(resolve)),
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
  root(i) {
    const { trace, ROOT_CONTEXT } = require('@opentelemetry/api')
    return trace.getTracer('bench').startSpan('bench.request', { attributes: startTags(i) }, ROOT_CONTEXT)
  },
  child(root, i) {
    const { trace, ROOT_CONTEXT } = require('@opentelemetry/api')
    const parent = trace.setSpan(ROOT_CONTEXT, root)
    return trace.getTracer('bench').startSpan('bench.work', { attributes: startTags(i) }, parent)
  },
  finish(span, i) {
    span.setAttribute('cache.hit', 'miss')
    span.setAttribute('region', 'eu-west-1')
    span.setAttribute('attempt', i % 4)
    span.end()
  },
  flush: () => require('@opentelemetry/api').trace.getTracerProvider().getDelegate().forceFlush(),
  // It sends 512 spans at a time, one payload after the other, and drops what exceeds its queue.
  pause: () => exports.opentelemetry.flush(),
}

/** Its keys may hold no dots. */
const labels = (i) => ({
  http_method: 'GET',
  http_url: 'http://shop.example/api/users/42/orders?page=3',
  customer_id: `customer-${i}`,
  items_count: i % 100,
})

exports.elastic = {
  start() {
    require('elastic-apm-node').start({ instrument: false })
  },
  root(i) {
    const transaction = require('elastic-apm-node').startTransaction('bench.request')
    transaction.addLabels(labels(i), false)
    return transaction
  },
  child(root, i) {
    const span = root.startSpan('bench.work')
    span.addLabels(labels(i), false)
    return span
  },
  finish(span, i) {
    span.setLabel('cache_hit', 'miss')
    span.setLabel('region', 'eu-west-1')
    span.setLabel('attempt', i % 4, false)
    span.end()
  },
  flush: () => require('elastic-apm-node').flush(),
}
