// Who takes part, how each is switched on, and everything that is switched off so that all do the same work.
//
// This is the one place for such settings; the runner prints them above its tables. The rule: what `dd` does not do is off
// everywhere else, all spans are kept and sent, and what is left is as the peer's documentation installs it.

import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const here = fileURLToPath(new URL('.', import.meta.url))

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

/** The peers in the order of the tables. `bare` is the program alone; `dd-trace` is what ratios relate to. */
export function peersOf(ddFolder) {
  const datadog = { DD_SERVICE: 'bench', DD_ENV: 'bench', DD_VERSION: '1.0.0' }
  return [
    { name: 'bare', preload: undefined, env: () => ({}) },
    {
      name: 'dd',
      preload: join(ddFolder, 'src', 'init.js'),
      env: (sinkUrl) => ({ ...datadog, DD_TRACE_AGENT_URL: sinkUrl, BENCH_DD: ddFolder }),
    },
    {
      name: 'dd-trace',
      preload: join(here, 'node_modules', 'dd-trace', 'init.js'),
      // dd-trace 6 refuses Node 20 unless it is told not to.
      env: (sinkUrl) => ({ ...datadog, ...DD_TRACE_OFF, DD_TRACE_AGENT_URL: sinkUrl, DD_INJECT_FORCE: 'true' }),
    },
    {
      name: 'opentelemetry',
      preload: join(
        here,
        'node_modules',
        '@opentelemetry',
        'auto-instrumentations-node',
        'build',
        'src',
        'register.js',
      ),
      env: (sinkUrl) => ({ ...OTEL_OFF, OTEL_SERVICE_NAME: 'bench', OTEL_EXPORTER_OTLP_ENDPOINT: sinkUrl }),
    },
  ]
}

export const BASELINE = 'bare'
export const REFERENCE = 'dd-trace'

/** Lines that say which versions were compared and with which settings. */
export function describePeers() {
  const version = (name) => JSON.parse(readFileSync(join(here, 'node_modules', name, 'package.json'), 'utf8')).version
  const settings = (env) =>
    Object.entries(env)
      .map(([key, value]) => `${key}=${value}`)
      .join(' ')
  return [
    `dd-trace ${version('dd-trace')}: ${settings(DD_TRACE_OFF)}`,
    `@opentelemetry/auto-instrumentations-node ${version('@opentelemetry/auto-instrumentations-node')}, sdk-node ${version('@opentelemetry/sdk-node')}: ${settings(OTEL_OFF)}`,
    `express ${version('express')}, pg ${version('pg')}`,
    `hot-shots ${version('hot-shots')}, statsd-client ${version('statsd-client')}, datadog-metrics ${version('datadog-metrics')}`,
  ]
}

/** Runs a peer's program free of whatever tracing settings this shell has. */
export function cleanEnv() {
  const keep = Object.entries(process.env).filter(([key]) => !/^(DD_|OTEL_|NODE_OPTIONS$|NODE_V8_COVERAGE$)/.test(key))
  return Object.fromEntries(keep)
}
