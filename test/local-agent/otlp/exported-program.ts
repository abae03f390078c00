// The source of a program that records spans, metrics and logs with OpenTelemetry's own kits, exports them with its own exporters, and says on stdout what
// the kits know of them. It runs in a process of its own, with the packages of `peers`.

import { peersFrom } from '../../support/peers'

export interface KitSpan {
  readonly traceId: string
  readonly spanId: string
  readonly parentSpanId?: string
  readonly name: string
  /** Seconds, nanoseconds. */
  readonly startTime: readonly [number, number]
  readonly endTime: readonly [number, number]
}

export interface Exported {
  readonly spans: readonly KitSpan[]
}

/** @param kind of the exporters: `http` sends JSON, `proto` Protobuf */
export function exportedProgram(kind: 'http' | 'proto', url: string, compression: 'none' | 'gzip'): string {
  return `
const { createRequire } = require('node:module')
const peers = createRequire(${JSON.stringify(peersFrom)})
const { SpanKind, SpanStatusCode, trace, context, TraceFlags } = peers('@opentelemetry/api')
const { BasicTracerProvider, SimpleSpanProcessor, BatchSpanProcessor, InMemorySpanExporter } = peers('@opentelemetry/sdk-trace-base')
const { MeterProvider, PeriodicExportingMetricReader, AggregationType, AggregationTemporality } = peers('@opentelemetry/sdk-metrics')
const { LoggerProvider, BatchLogRecordProcessor } = peers('@opentelemetry/sdk-logs')
const { resourceFromAttributes } = peers('@opentelemetry/resources')
const { OTLPTraceExporter } = peers('@opentelemetry/exporter-trace-otlp-${kind}')
const { OTLPMetricExporter } = peers('@opentelemetry/exporter-metrics-otlp-${kind}')
const { OTLPLogExporter } = peers('@opentelemetry/exporter-logs-otlp-${kind}')
const to = (path, more) => ({ url: ${JSON.stringify(url)} + path, compression: ${JSON.stringify(compression)}, ...more })
const resource = resourceFromAttributes({
  'service.name': 'shop', 'service.version': '1.2.3', 'deployment.environment.name': 'test', 'host.name': 'box',
})
const memory = new InMemorySpanExporter()

async function main() {
  const tracers = new BasicTracerProvider({
    resource,
    spanProcessors: [new BatchSpanProcessor(new OTLPTraceExporter(to('/v1/traces'))), new SimpleSpanProcessor(memory)],
  })
  const tracer = tracers.getTracer('kit', '9.9')
  const server = tracer.startSpan('GET', {
    kind: SpanKind.SERVER,
    attributes: { 'http.request.method': 'GET', 'http.route': '/cart/:id', 'http.response.status_code': 500, 'url.path': '/cart/7', secure: true },
  })
  const inServer = trace.setSpan(context.active(), server)
  const db = tracer.startSpan('SELECT', {
    kind: SpanKind.CLIENT,
    attributes: { 'db.system.name': 'postgresql', 'db.query.text': 'SELECT 1', 'db.namespace': 'shop', rows: 3, ratio: 0.25, ids: [1, 2, 3] },
  }, inServer)
  db.addEvent('fetched', { rows: 3 })
  db.end()
  const old = tracer.startSpan('publish', {
    kind: SpanKind.PRODUCER,
    attributes: { 'messaging.system': 'kafka', 'messaging.operation': 'publish', 'messaging.destination': 'orders' },
    links: [{
      context: { traceId: '0af7651916cd43dd8448eb211c80319c', spanId: 'b7ad6b7169203331', traceFlags: TraceFlags.SAMPLED },
      attributes: { why: 'batch' },
    }],
  }, inServer)
  old.end()
  server.recordException(new TypeError('no cart'))
  server.setStatus({ code: SpanStatusCode.ERROR, message: 'it failed' })
  server.end()
  // Times beyond the microsecond.
  const early = tracer.startSpan('job', { startTime: [1700000000, 123456789] })
  early.end([1700000001, 987654321])
  const logs = new LoggerProvider({ resource, processors: [new BatchLogRecordProcessor({ exporter: new OTLPLogExporter(to('/v1/logs')) })] })
  logs.getLogger('kit').emit({ severityNumber: 13, severityText: 'WARN', body: 'slow cart', attributes: { cart: 7, deep: { a: [1] } }, context: inServer })
  logs.getLogger('kit').emit({ severityNumber: 9, body: { text: 'structured' } })
  const meters = new MeterProvider({
    resource,
    readers: [
      new PeriodicExportingMetricReader({ exporter: new OTLPMetricExporter(to('/v1/metrics')), exportIntervalMillis: 1e6 }),
      new PeriodicExportingMetricReader({
        exporter: new OTLPMetricExporter(to('/v1/metrics', { temporalityPreference: AggregationTemporality.DELTA })),
        exportIntervalMillis: 1e6,
      }),
    ],
    views: [{ instrumentName: 'exp', aggregation: { type: AggregationType.EXPONENTIAL_HISTOGRAM } }],
  })
  const meter = meters.getMeter('kit')
  const counter = meter.createCounter('requests')
  counter.add(2, { route: '/a' })
  counter.add(3, { route: '/a' })
  meter.createUpDownCounter('queue').add(-4)
  meter.createObservableGauge('temperature').addCallback((result) => result.observe(21.5, { room: 'x' }))
  const histogram = meter.createHistogram('latency')
  for (const value of [1, 20, 300]) histogram.record(value)
  const exponential = meter.createHistogram('exp')
  for (const value of [1, 20, 300]) exponential.record(value)
  await meters.forceFlush()
  counter.add(5, { route: '/a' })
  histogram.record(40)
  exponential.record(40000)
  await meters.shutdown()
  await tracers.forceFlush()
  await logs.shutdown()
  const spans = memory.getFinishedSpans().map((span) => ({
    ...span.spanContext(), parentSpanId: span.parentSpanContext?.spanId, name: span.name, startTime: span.startTime, endTime: span.endTime,
  }))
  console.log('EXPORTED ' + JSON.stringify({ spans }))
  await tracers.shutdown()
}
main().catch((error) => { console.error(error); process.exitCode = 1 })
`
}
