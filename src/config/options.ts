// THE table of settings: name, environment variables, type, default, one line of documentation.
//
// Nothing else declares a setting: the type of `init()`'s options is inferred from here, and the README's table is
// compared with it by a test. Names of variables are those of Datadog's tracers, so that existing deployments just work.

import { MAX_TIMER_MS } from '../base/later'
import { API_VARIABLES } from './api-variables'
import { choice, flag, grpcStatuses, host, list, pattern, rate, rules, statuses, tags, text, whole } from './option'
import * as otel from './otel-variables'
import type { SamplingRuleOptions, SpanSamplingRuleOptions } from './rule-options'

export const options = {
  enabled: flag({
    env: ['DD_TRACE_ENABLED', 'DD_APM_TRACING_ENABLED'],
    otel: { OTEL_TRACES_EXPORTER: otel.exportsTraces, OTEL_SDK_DISABLED: otel.isNotDisabled },
    default: true,
    doc: 'Off: nothing is patched and no span is made.',
  }),
  service: text({
    env: ['DD_SERVICE', 'DD_SERVICE_NAME'],
    otel: { OTEL_SERVICE_NAME: (name) => name },
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
  tags: tags({
    env: ['DD_TAGS', 'DD_TRACE_TAGS', 'DD_TRACE_GLOBAL_TAGS'],
    otel: { OTEL_RESOURCE_ATTRIBUTES: otel.resourceTags },
    default: {},
    doc: 'Tags put on every span; what code and variables give adds up. `service`, `env` and `version` count as such.',
  }),
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
  agentProtocolVersion: choice(['0.4', '0.5'], {
    env: 'DD_TRACE_AGENT_PROTOCOL_VERSION',
    default: '0.4',
    doc: 'How traces are written. 0.5 is shorter; with an Agent that does not take it, 0.4 is used.',
  }),
  statsComputation: flag({
    env: 'DD_TRACE_STATS_COMPUTATION_ENABLED',
    default: false,
    doc: 'Count spans here, where the Agent allows it, and do not send it traces that sampling rejects.',
  }),
  statsCardinalityLimit: whole({
    env: 'DD_TRACE_STATS_CARDINALITY_LIMIT',
    min: 1,
    max: 100_000,
    default: 2048,
    doc: 'Rows in the counts of 10 s; what is more is counted together.',
  }),
  statsResourceCardinalityLimit: whole({
    env: 'DD_TRACE_STATS_RESOURCE_CARDINALITY_LIMIT',
    min: 1,
    max: 100_000,
    default: 1024,
    doc: 'Different resources in the counts of 10 s; what is more is counted together.',
  }),
  nativeSpanEvents: flag({
    env: 'DD_TRACE_NATIVE_SPAN_EVENTS',
    default: false,
    doc: 'Send events of spans in their own form, not as JSON, where the Agent knows it.',
  }),
  reportHostname: flag({
    env: 'DD_TRACE_REPORT_HOSTNAME',
    default: false,
    doc: "Put the host's name on every span.",
  }),
  processTags: flag({
    env: 'DD_EXPERIMENTAL_PROPAGATE_PROCESS_TAGS_ENABLED',
    default: false,
    doc: 'Tell how the process was started: names of its script, its folder, its working directory, its package.',
  }),
  gitMetadata: flag({
    env: 'DD_TRACE_GIT_METADATA_ENABLED',
    default: true,
    doc: 'Tell the repository and the commit, where they are known.',
  }),
  gitRepositoryUrl: text({
    env: 'DD_GIT_REPOSITORY_URL',
    default: undefined,
    doc: "The program's repository; a user and password in it are not sent.",
  }),
  gitCommitSha: text({
    env: 'DD_GIT_COMMIT_SHA',
    default: undefined,
    doc: 'The commit that the program was built from.',
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
  sampleRate: rate({
    env: 'DD_TRACE_SAMPLE_RATE',
    otel: { OTEL_TRACES_SAMPLER: otel.samplerRate },
    default: undefined,
    doc: 'Share of the traces that no rule fits to keep. Default: what the Agent asks for.',
  }),
  samplingRules: rules<SamplingRuleOptions>({
    env: 'DD_TRACE_SAMPLING_RULES',
    default: [],
    doc: 'Which traces to keep, by service, name, resource and tags of their first span; the first rule that fits decides.',
  }),
  rateLimit: whole({
    env: 'DD_TRACE_RATE_LIMIT',
    min: -1,
    max: 1_000_000_000,
    default: 100,
    doc: 'Traces per second that rules and `sampleRate` keep at most; -1: no limit.',
  }),
  spanSamplingRules: rules<SpanSamplingRuleOptions>({
    env: 'DD_SPAN_SAMPLING_RULES',
    default: [],
    doc: 'Which single spans of rejected traces to keep all the same, by service and name.',
  }),
  spanSamplingRulesFile: text({
    env: 'DD_SPAN_SAMPLING_RULES_FILE',
    default: undefined,
    doc: 'A file that holds `spanSamplingRules` as JSON, where these are not given.',
  }),
  logsInjection: flag({
    env: 'DD_LOGS_INJECTION',
    default: true,
    doc: 'Put the ids of the active span, service, env and version into the records of loggers.',
  }),
  traceId128BitLogging: flag({
    env: 'DD_TRACE_128_BIT_TRACEID_LOGGING_ENABLED',
    default: true,
    doc: 'Write 128-bit trace ids into logs, as hex; off: their lower half, in decimal.',
  }),
  propagationStyleExtract: list({
    env: ['DD_TRACE_PROPAGATION_STYLE_EXTRACT', 'DD_TRACE_PROPAGATION_STYLE'],
    otel: { OTEL_PROPAGATORS: otel.propagators },
    default: ['datadog', 'tracecontext', 'baggage'],
    doc: 'Styles of headers that are read: `datadog`, `tracecontext`, `b3`, `b3multi`, `baggage`, `none`. The first trace wins.',
  }),
  propagationStyleInject: list({
    env: ['DD_TRACE_PROPAGATION_STYLE_INJECT', 'DD_TRACE_PROPAGATION_STYLE'],
    otel: { OTEL_PROPAGATORS: otel.propagators },
    default: ['datadog', 'tracecontext', 'baggage'],
    doc: 'Styles of headers that are written, all of them.',
  }),
  propagationExtractFirst: flag({
    env: 'DD_TRACE_PROPAGATION_EXTRACT_FIRST',
    default: false,
    doc: 'Read no other style once one has a trace: no links, no foreign `tracestate`.',
  }),
  propagationBehaviorExtract: choice(['continue', 'restart', 'ignore'], {
    env: 'DD_TRACE_PROPAGATION_BEHAVIOR_EXTRACT',
    default: 'continue',
    doc: 'With a trace that comes in: go on with it, begin a new one that links to it, or ignore it and its baggage.',
  }),
  tagsHeaderMaxLength: whole({
    env: 'DD_TRACE_X_DATADOG_TAGS_MAX_LENGTH',
    min: 0,
    max: 512,
    default: 512,
    doc: 'Longest `x-datadog-tags` header that is read and written. 0: none.',
  }),
  baggageMaxItems: whole({
    env: 'DD_TRACE_BAGGAGE_MAX_ITEMS',
    min: 0,
    max: 1000,
    default: 64,
    doc: 'Items of baggage that are read and written; the rest is cut off.',
  }),
  baggageMaxBytes: whole({
    env: 'DD_TRACE_BAGGAGE_MAX_BYTES',
    min: 0,
    max: 65_536,
    default: 8192,
    doc: 'Bytes of the `baggage` header that are read and written; the rest is cut off.',
  }),
  baggageTagKeys: list({
    env: 'DD_TRACE_BAGGAGE_TAG_KEYS',
    default: ['user.id', 'session.id', 'account.id'],
    emptyCounts: true,
    doc: 'Items of received baggage that become tags `baggage.<name>` of the first span. `*`: all; empty: none.',
  }),
  legacyBaggage: flag({
    env: 'DD_TRACE_LEGACY_BAGGAGE_ENABLED',
    default: true,
    doc: 'Read `ot-baggage-*` headers, and hand on what came by them.',
  }),
  scope: choice(['async_local_storage', 'cls-hooked'], {
    env: 'DD_TRACE_SCOPE',
    default: 'async_local_storage',
    doc: 'What carries the active span. `cls-hooked` must be installed, and makes every `await` slower.',
  }),
  serviceMapping: tags({
    env: 'DD_SERVICE_MAPPING',
    default: {},
    doc: 'Other names for services, as `old:new`; `plugin:new` names the service of a plugin.',
  }),
  removeIntegrationServiceNames: flag({
    env: 'DD_TRACE_REMOVE_INTEGRATION_SERVICE_NAMES_ENABLED',
    default: false,
    doc: "Clients' spans belong to `service`, not to `<service>-postgres` and the like.",
  }),
  spanAttributeSchema: choice(['v0', 'v1'], {
    env: 'DD_TRACE_SPAN_ATTRIBUTE_SCHEMA',
    default: 'v0',
    doc: "`v1`: the span names that Datadog's tracers share, one service for all spans, and `peer.service`.",
  }),
  peerServiceDefaults: flag({
    env: 'DD_TRACE_PEER_SERVICE_DEFAULTS_ENABLED',
    default: undefined,
    doc: 'Work out `peer.service` for spans that go out. Default: with `v1` only.',
  }),
  peerServiceMapping: tags({
    env: 'DD_TRACE_PEER_SERVICE_MAPPING',
    default: {},
    doc: 'Other names for what was worked out as `peer.service`, as `old:new`.',
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
  headerTags: list({
    env: 'DD_TRACE_HEADER_TAGS',
    default: [],
    doc: 'Headers of HTTP requests and responses to put into tags: `header`, or `header:tag`.',
  }),
  clientIp: flag({
    env: 'DD_TRACE_CLIENT_IP_ENABLED',
    default: false,
    doc: "Put the client's address into the tag `http.client_ip`.",
  }),
  clientIpHeader: text({
    env: 'DD_TRACE_CLIENT_IP_HEADER',
    default: undefined,
    doc: "The one header that tells the client's address. Default: those that proxies are known to set.",
  }),
  resourceRenaming: flag({
    env: 'DD_TRACE_RESOURCE_RENAMING_ENABLED',
    default: false,
    doc: 'Tell requests without a route by their path, values replaced, in the tag `http.endpoint`.',
  }),
  grpcClientErrorStatuses: grpcStatuses({
    env: 'DD_GRPC_CLIENT_ERROR_STATUSES',
    default: [[1, 16]],
    doc: 'Statuses received that make a gRPC call an error.',
  }),
  grpcServerErrorStatuses: grpcStatuses({
    env: 'DD_GRPC_SERVER_ERROR_STATUSES',
    default: [[2, 16]],
    doc: 'Statuses answered that make a gRPC call an error.',
  }),
  dbmPropagationMode: choice(['disabled', 'service', 'full', 'dynamic_service'], {
    env: 'DD_DBM_PROPAGATION_MODE',
    default: 'disabled',
    doc: 'Put a comment into database queries that names the service and, with `full`, the span.',
  }),
  mongodbObfuscateQuery: choice(['redact', 'types', 'none'], {
    env: 'DD_TRACE_MONGODB_OBFUSCATE_QUERY',
    default: 'redact',
    doc: 'What becomes of the values in MongoDB filters: `?`, the names of their types, or nothing.',
  }),
  mongodbHeartbeat: flag({
    env: 'DD_TRACE_MONGODB_HEARTBEAT_ENABLED',
    default: false,
    doc: "Make spans for `hello` and `ismaster`, which MongoDB's driver sends by itself.",
  }),
  memcachedCommand: flag({
    env: 'DD_TRACE_MEMCACHED_COMMAND_ENABLED',
    default: false,
    doc: 'Put the commands sent to Memcached, with their keys, into tags.',
  }),
  graphqlCollapse: flag({
    env: 'DD_TRACE_GRAPHQL_COLLAPSE',
    default: true,
    doc: 'Let the items of a GraphQL list share the spans of their resolvers.',
  }),
  graphqlDepth: whole({
    env: 'DD_TRACE_GRAPHQL_DEPTH',
    min: -1,
    max: 1000,
    default: -1,
    doc: 'How many fields deep GraphQL resolvers are traced: 0 none, -1 all.',
  }),
  graphqlVariables: list({
    env: 'DD_TRACE_GRAPHQL_VARIABLES',
    default: [],
    doc: 'The GraphQL variables to put into tags, by name.',
  }),
  graphqlErrorExtensions: list({
    env: 'DD_TRACE_GRAPHQL_ERROR_EXTENSIONS',
    default: [],
    doc: 'The extensions of GraphQL errors to put into their events, by name.',
  }),
  startupLogs: flag({
    env: 'DD_TRACE_STARTUP_LOGS',
    default: false,
    doc: 'Say in one line what was started: service, Agent, sampling, plugins.',
  }),
  dogstatsdUrl: text({
    env: 'DD_DOGSTATSD_URL',
    default: undefined,
    doc: 'Where metrics go: `udp://host:8125`, `tcp://host:port`, `unixstream:///path/to/socket` or `\\\\.\\pipe\\name`. Wins over host and port.',
  }),
  dogstatsdHost: text({
    env: 'DD_DOGSTATSD_HOST',
    default: undefined,
    doc: 'The host that takes metrics. Default: `agentHost`.',
  }),
  dogstatsdPort: whole({
    env: 'DD_DOGSTATSD_PORT',
    min: 1,
    max: 65_535,
    default: 8125,
    doc: 'Its port.',
  }),
  dogstatsdDisabled: flag({
    env: 'DD_DOGSTATSD_DISABLE',
    default: false,
    doc: 'Record no metrics.',
  }),
  originDetection: flag({
    env: 'DD_ORIGIN_DETECTION_ENABLED',
    default: true,
    doc: 'Tell with each metric in which container it was recorded.',
  }),
  entityId: text({
    env: 'DD_ENTITY_ID',
    default: undefined,
    doc: "The pod that metrics are from: set by Datadog's admission controller.",
  }),
  cardinality: text({
    env: ['DD_CARDINALITY', 'DATADOG_CARDINALITY'],
    default: undefined,
    doc: 'How many tags of its origin the Agent adds to a metric: `none`, `low`, `orchestrator` or `high`. Default: as the Agent is set.',
  }),
  runtimeMetrics: flag({
    env: 'DD_RUNTIME_METRICS_ENABLED',
    default: false,
    doc: 'Send metrics of the process every 10 s: CPU, memory, garbage collection, event loop.',
  }),
  runtimeMetricsGc: flag({
    env: 'DD_RUNTIME_METRICS_GC_ENABLED',
    default: true,
    doc: 'Garbage collection among them.',
  }),
  runtimeMetricsEventLoop: flag({
    env: 'DD_RUNTIME_METRICS_EVENT_LOOP_ENABLED',
    default: true,
    doc: 'The event loop among them.',
  }),
  runtimeMetricsRuntimeId: flag({
    env: 'DD_RUNTIME_METRICS_RUNTIME_ID_ENABLED',
    default: false,
    doc: 'Tag them with the id of the process, `runtime-id`.',
  }),
  runtimeMetricsIntervalMs: whole({
    env: 'DD_RUNTIME_METRICS_FLUSH_INTERVAL',
    min: 50,
    max: 3_600_000,
    default: 10_000,
    doc: 'How often they are sent, in ms. The Agent wants divisors or multiples of ten seconds.',
  }),
  apiKey: text({
    env: API_VARIABLES.apiKey,
    default: undefined,
    doc: 'The key for what goes to Datadog itself: `tracer.metrics`, `tracer.api`.',
  }),
  applicationKey: text({
    env: API_VARIABLES.applicationKey,
    default: undefined,
    doc: 'The second key, for what reads or changes things there: most of `tracer.api`.',
  }),
  site: text({
    env: API_VARIABLES.site,
    default: 'datadoghq.com',
    doc: "Datadog's site that it goes to.",
  }),
  apiHost: text({
    env: API_VARIABLES.apiHost,
    default: undefined,
    doc: 'A host or URL in its place.',
  }),
  hostname: text({
    env: API_VARIABLES.hostname,
    default: undefined,
    doc: "The name of the host in it. Default: the machine's.",
  }),
  proxy: text({
    env: API_VARIABLES.proxy,
    default: undefined,
    doc: 'An HTTP proxy on the way there.',
  }),
  noProxy: text({
    env: API_VARIABLES.noProxy,
    default: undefined,
    doc: 'Hosts and domains that are asked without it.',
  }),
  debug: flag({ env: 'DD_TRACE_DEBUG', default: false, doc: 'Say on stderr what `dd` does.' }),
  logLevel: choice(['debug', 'info', 'warn', 'error', 'off'], {
    env: 'DD_TRACE_LOG_LEVEL',
    otel: { OTEL_LOG_LEVEL: otel.logLevel },
    default: 'warn',
    doc: 'The least that `dd` says on stderr. `DD_TRACE_DEBUG` makes it `debug`.',
  }),
}
