// Who takes part, how each is switched on, and everything that is switched off so that all do the same work.
//
// This is the one place for such settings; the runner prints them above its tables. The rule: what `dd` does not do is off
// everywhere else, all spans are kept and sent, and what is left is as the peer's documentation installs it.

import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const packages = fileURLToPath(new URL('node_modules/', import.meta.url))

/** dd-trace's other products; dd-trace without its tracing of TCP and DNS makes the same spans as dd. */
const DD_TRACE_OFF = {
  DD_APPSEC_ENABLED: 'false',
  DD_CODE_ORIGIN_FOR_SPANS_ENABLED: 'false',
  DD_CRASHTRACKING_ENABLED: 'false',
  DD_EXPERIMENTAL_PROPAGATE_PROCESS_TAGS_ENABLED: 'false',
  DD_INSTRUMENTATION_TELEMETRY_ENABLED: 'false',
  DD_LOGS_INJECTION: 'false',
  DD_PROFILING_ENABLED: 'false',
  DD_REMOTE_CONFIGURATION_ENABLED: 'false',
  DD_RUNTIME_METRICS_ENABLED: 'false',
  DD_TRACE_DNS_ENABLED: 'false',
  DD_TRACE_GIT_METADATA_ENABLED: 'false',
  DD_TRACE_NET_ENABLED: 'false',
  DD_TRACE_STARTUP_LOGS: 'false',
}

/** Metrics, logs, questions to cloud providers, spans of TCP and DNS; and a queue that holds a benchmark's spans. */
const OTEL_OFF = {
  OTEL_BSP_MAX_QUEUE_SIZE: '15000',
  OTEL_LOGS_EXPORTER: 'none',
  OTEL_METRICS_EXPORTER: 'none',
  OTEL_NODE_DISABLED_INSTRUMENTATIONS: 'net,dns',
  OTEL_NODE_RESOURCE_DETECTORS: 'env,host,os,process',
}

/** Metrics, settings from afar, questions to cloud providers, several spans made one; and a queue that holds a benchmark's spans. */
const ELASTIC_OFF = {
  ELASTIC_APM_BREAKDOWN_METRICS: 'false',
  ELASTIC_APM_CAPTURE_EXCEPTIONS: 'false',
  ELASTIC_APM_CENTRAL_CONFIG: 'false',
  ELASTIC_APM_CLOUD_PROVIDER: 'none',
  ELASTIC_APM_LOG_LEVEL: 'off',
  ELASTIC_APM_MAX_QUEUE_SIZE: '15000',
  ELASTIC_APM_METRICS_INTERVAL: '0s',
  ELASTIC_APM_SPAN_COMPRESSION_ENABLED: 'false',
}

const DATADOG = { DD_SERVICE: 'bench', DD_ENV: 'bench', DD_VERSION: '1.0.0' }

/** The program alone. */
export const BASELINE = 'bare'
/** What ratios relate to. */
export const REFERENCE = 'dd-trace'
/** In the order of the tables. */
export const ALL = [BASELINE, 'dd', REFERENCE, 'opentelemetry', 'elastic']

/** @param more settings of the question, by the peer's name */
export function tracers(ddFolder, names = ALL, more = {}) {
  const known = {
    bare: { env: () => ({}) },
    dd: {
      preload: join(ddFolder, 'src', 'init.js'),
      env: (sinkUrl) => ({ ...DATADOG, DD_TRACE_AGENT_URL: sinkUrl, BENCH_DD: ddFolder }),
    },
    'dd-trace': {
      preload: join(packages, 'dd-trace', 'init.js'),
      // dd-trace 6 refuses Node 20 unless it is told not to.
      env: (sinkUrl) => ({ ...DATADOG, ...DD_TRACE_OFF, DD_TRACE_AGENT_URL: sinkUrl, DD_INJECT_FORCE: 'true' }),
    },
    opentelemetry: {
      preload: join(packages, '@opentelemetry', 'auto-instrumentations-node', 'build', 'src', 'register.js'),
      env: (sinkUrl) => ({ ...OTEL_OFF, OTEL_SERVICE_NAME: 'bench', OTEL_EXPORTER_OTLP_ENDPOINT: sinkUrl }),
    },
    elastic: {
      preload: join(packages, 'elastic-apm-node', 'start.js'),
      env: (sinkUrl) => ({ ...ELASTIC_OFF, ELASTIC_APM_SERVICE_NAME: 'bench', ELASTIC_APM_SERVER_URL: sinkUrl }),
    },
  }
  return names.map((name) => {
    const { preload, env } = known[name]
    return { name, preload, env: (sinkUrl) => ({ ...env(sinkUrl), ...more[name] }) }
  })
}

/** Lines that say which versions were compared and with which settings. */
export function describePeers() {
  const version = (name) => `${name} ${JSON.parse(readFileSync(join(packages, name, 'package.json'), 'utf8')).version}`
  const settings = (env) =>
    Object.entries(env)
      .map(([key, value]) => `${key}=${value}`)
      .join(' ')
  const list = (...names) => names.map(version).join(', ')
  return [
    `${version('dd-trace')}: ${settings(DD_TRACE_OFF)}`,
    `${list('@opentelemetry/auto-instrumentations-node', '@opentelemetry/sdk-node')}: ${settings(OTEL_OFF)}`,
    `${version('elastic-apm-node')}: ${settings(ELASTIC_OFF)}`,
    list('express', 'pg', 'ioredis'),
    list('hot-shots', 'statsd-client', 'datadog-metrics'),
    list('msgpack-lite', '@msgpack/msgpack', 'msgpackr'),
  ]
}

/** Runs a peer's program free of whatever tracing settings this shell has. */
export function cleanEnv() {
  const ours = /^(DD_|OTEL_|ELASTIC_APM_|NODE_OPTIONS$|NODE_V8_COVERAGE$)/
  return Object.fromEntries(Object.entries(process.env).filter(([key]) => !ours.test(key)))
}
