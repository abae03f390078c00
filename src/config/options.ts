// THE table of settings: name, environment variables, type, default, one line of documentation.
//
// Nothing else declares a setting: the type of `init()`'s options is inferred from here, and the README's table is
// compared with it by a test. Names of variables are those of Datadog's tracers, so that existing deployments just work.

import { choice, flag, host, list, MAX_TIMER_MS, pattern, statuses, tags, text, whole } from './option'

export const options = {
  enabled: flag({ env: 'DD_TRACE_ENABLED', default: true, doc: 'Off: nothing is patched and no span is made.' }),
  service: text({
    env: ['DD_SERVICE', 'DD_SERVICE_NAME', 'OTEL_SERVICE_NAME'],
    default: undefined,
    doc: "The program's name. Default: the nearest package.json's name, else `node`.",
  }),
  env: text({
    env: 'DD_ENV',
    default: undefined,
    doc: 'Where it runs: `production`, `staging` …',
  }),
  version: text({
    env: 'DD_VERSION',
    default: undefined,
    doc: "The program's version. Default: the nearest package.json's.",
  }),
  tags: tags({ env: ['DD_TAGS', 'DD_TRACE_GLOBAL_TAGS'], default: {}, doc: 'Tags put on every span.' }),
  agentUrl: text({
    env: ['DD_TRACE_AGENT_URL', 'DD_TRACE_URL'],
    default: undefined,
    doc: 'Where spans go: `http://host:8126`, `https://…` or `unix:///path/to/socket`. Wins over host and port.',
  }),
  agentHost: host({
    env: ['DD_AGENT_HOST', 'DD_TRACE_AGENT_HOSTNAME'],
    default: '127.0.0.1',
    doc: "The Agent's host.",
  }),
  agentPort: whole({
    env: ['DD_TRACE_AGENT_PORT', 'DD_AGENT_PORT'],
    min: 1,
    max: 65_535,
    default: 8126,
    doc: "The Agent's port for traces.",
  }),
  externalEnv: text({
    env: 'DD_EXTERNAL_ENV',
    default: undefined,
    doc: "Where the program runs, for the Agent: set by Datadog's admission controller.",
  }),
  flushIntervalMs: whole({
    env: 'DD_TRACE_FLUSH_INTERVAL',
    min: 0,
    max: MAX_TIMER_MS,
    default: 2000,
    doc: 'How long finished spans wait for company, in ms. 0 sends each trace at once.',
  }),
  partialFlushMinSpans: whole({
    env: 'DD_TRACE_PARTIAL_FLUSH_MIN_SPANS',
    min: 1,
    max: 100_000,
    default: 500,
    doc: 'Finished spans after which a trace that still runs is sent in part.',
  }),
  traceMaxAgeMs: whole({
    env: 'DD_TRACE_MAX_AGE',
    min: 1,
    max: MAX_TIMER_MS,
    default: 60_000,
    doc: 'How long finished spans wait for one of their trace that never finishes, in ms.',
  }),
  traceId128Bit: flag({
    env: 'DD_TRACE_128_BIT_TRACEID_GENERATION_ENABLED',
    default: true,
    doc: 'Make 128-bit trace ids.',
  }),
  scope: choice(['async_local_storage', 'cls-hooked'], {
    env: 'DD_TRACE_SCOPE',
    default: 'async_local_storage',
    doc: 'What carries the active span. `cls-hooked` must be installed, and makes every `await` slower.',
  }),
  disabledInstrumentations: list({
    env: ['DD_TRACE_DISABLED_INSTRUMENTATIONS', 'DD_TRACE_DISABLED_PLUGINS'],
    default: [],
    doc: 'Plugins never to patch, by name. One alone: `DD_TRACE_<NAME>_ENABLED=false`.',
  }),
  middlewareTracing: flag({
    env: 'DD_TRACE_MIDDLEWARE_TRACING_ENABLED',
    default: true,
    doc: 'Make a span for each middleware of a web framework.',
  }),
  httpServerErrorStatuses: statuses({
    env: 'DD_TRACE_HTTP_SERVER_ERROR_STATUSES',
    default: [[500, 599]],
    doc: 'Statuses of a response that make its request an error.',
  }),
  httpClientErrorStatuses: statuses({
    env: 'DD_TRACE_HTTP_CLIENT_ERROR_STATUSES',
    default: [[400, 499]],
    doc: 'Statuses received that make an outgoing request an error.',
  }),
  queryStringObfuscation: pattern({
    env: 'DD_TRACE_OBFUSCATION_QUERY_STRING_REGEXP',
    default: undefined,
    none: /(?!)/g,
    doc: 'What to redact in the query of `http.url`. Default: keys, tokens, passwords; `.*` cuts all; empty keeps all.',
  }),
  debug: flag({ env: 'DD_TRACE_DEBUG', default: false, doc: 'Say on stderr what `dd` does.' }),
}
