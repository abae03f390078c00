// Every variable that Datadog's tracers for Node.js and Python document for tracing is either read here or known to be about something
// that `dd` does not have. So none is forgotten, and `dog doctor` takes none of them for a mistake.

import { strict as assert } from 'node:assert'
import { plugins } from '../../plugins'
import { readConfig } from '../../src/config/config'
import type { Option } from '../../src/config/option'
import { options } from '../../src/config/options'
import { isOfOthers, otherVariables } from '../../src/config/other-variables'
import { enabledVariable, serviceVariables } from '../../src/config/plugin-variables'
import { collectLog } from '../support/log-lines'

const names = (text: string) => text.split(/\s+/).filter(Boolean)

/** Read, each by one option at least. */
const READ = names(`
  DD_SERVICE DD_SERVICE_NAME DD_ENV DD_VERSION DD_TAGS DD_TRACE_TAGS DD_TRACE_GLOBAL_TAGS
  DD_TRACE_ENABLED DD_APM_TRACING_ENABLED DD_TRACE_DEBUG DD_TRACE_LOG_LEVEL DD_TRACE_STARTUP_LOGS
  DD_TRACE_AGENT_URL DD_TRACE_URL DD_AGENT_HOST DD_TRACE_AGENT_HOSTNAME DD_TRACE_AGENT_PORT DD_AGENT_PORT
  DD_TRACE_AGENT_PROTOCOL_VERSION DD_TRACE_FLUSH_INTERVAL DD_TRACE_PARTIAL_FLUSH_MIN_SPANS DD_TRACE_STATS_COMPUTATION_ENABLED
  DD_EXTERNAL_ENV DD_TRACE_SAMPLE_RATE DD_TRACE_RATE_LIMIT DD_TRACE_SAMPLING_RULES DD_SPAN_SAMPLING_RULES
  DD_SPAN_SAMPLING_RULES_FILE DD_TRACE_PROPAGATION_STYLE DD_TRACE_PROPAGATION_STYLE_EXTRACT DD_TRACE_PROPAGATION_STYLE_INJECT
  DD_TRACE_PROPAGATION_EXTRACT_FIRST DD_TRACE_PROPAGATION_BEHAVIOR_EXTRACT DD_TRACE_128_BIT_TRACEID_GENERATION_ENABLED
  DD_TRACE_128_BIT_TRACEID_LOGGING_ENABLED DD_TRACE_X_DATADOG_TAGS_MAX_LENGTH DD_TRACE_BAGGAGE_MAX_ITEMS
  DD_TRACE_BAGGAGE_MAX_BYTES DD_TRACE_BAGGAGE_TAG_KEYS DD_TRACE_LEGACY_BAGGAGE_ENABLED DD_SERVICE_MAPPING
  DD_TRACE_SPAN_ATTRIBUTE_SCHEMA DD_TRACE_PEER_SERVICE_DEFAULTS_ENABLED DD_TRACE_PEER_SERVICE_MAPPING
  DD_TRACE_REMOVE_INTEGRATION_SERVICE_NAMES_ENABLED DD_TRACE_REPORT_HOSTNAME DD_TRACE_GIT_METADATA_ENABLED
  DD_GIT_REPOSITORY_URL DD_GIT_COMMIT_SHA DD_TRACE_NATIVE_SPAN_EVENTS DD_TRACE_DISABLED_PLUGINS
  DD_TRACE_DISABLED_INSTRUMENTATIONS DD_TRACE_HEADER_TAGS DD_TRACE_CLIENT_IP_ENABLED DD_TRACE_CLIENT_IP_HEADER
  DD_TRACE_OBFUSCATION_QUERY_STRING_REGEXP DD_TRACE_HTTP_SERVER_ERROR_STATUSES DD_GRPC_CLIENT_ERROR_STATUSES
  DD_GRPC_SERVER_ERROR_STATUSES DD_TRACE_MIDDLEWARE_TRACING_ENABLED DD_TRACE_RESOURCE_RENAMING_ENABLED
  DD_DBM_PROPAGATION_MODE DD_TRACE_MONGODB_OBFUSCATE_QUERY DD_TRACE_MONGODB_HEARTBEAT_ENABLED
  DD_TRACE_MEMCACHED_COMMAND_ENABLED DD_TRACE_GRAPHQL_COLLAPSE DD_TRACE_GRAPHQL_DEPTH DD_TRACE_GRAPHQL_VARIABLES
  DD_TRACE_GRAPHQL_ERROR_EXTENSIONS DD_LOGS_INJECTION
  DD_DOGSTATSD_HOST DD_DOGSTATSD_PORT DD_DOGSTATSD_URL DD_DOGSTATSD_DISABLE DD_API_KEY DATADOG_API_KEY DD_SITE DATADOG_SITE DD_HOSTNAME
  DD_RUNTIME_METRICS_ENABLED DD_RUNTIME_METRICS_GC_ENABLED DD_RUNTIME_METRICS_EVENT_LOOP_ENABLED DD_RUNTIME_METRICS_RUNTIME_ID_ENABLED
  DD_RUNTIME_METRICS_FLUSH_INTERVAL DD_ORIGIN_DETECTION_ENABLED
  DATADOG_APP_KEY DD_APP_KEY DD_PROXY_HTTPS HTTPS_PROXY https_proxy DD_PROXY_NO_PROXY NO_PROXY no_proxy
  DD_ENTITY_ID DD_CARDINALITY DATADOG_CARDINALITY DATADOG_HOST
`)

/** About single plugins, by rules for their names. */
const OF_PLUGINS = names(`
  DD_TRACE_FS_ENABLED DD_TRACE_MYSQL2_ENABLED DD_TRACE_ELASTICSEARCH_ENABLED DD_PG_SERVICE DD_TRACE_PG_SERVICE
`)

/** About what `dd` does not have, or has by another name. */
const LISTED = names(`
  DD_INSTRUMENTATION_TELEMETRY_ENABLED DD_REMOTE_CONFIGURATION_ENABLED DD_INJECTION_ENABLED DD_INJECT_FORCE
  DD_TRACE_OTEL_ENABLED
  DD_DATA_STREAMS_ENABLED DD_TRACE_SPAN_LEAK_DEBUG DD_PATCH_MODULES DD_TRACE_API_VERSION
  DD_TRACE_WRITER_INTERVAL_SECONDS DD_TRACE_PARTIAL_FLUSH_ENABLED
`)

const OTEL_READ = names(`
  OTEL_SERVICE_NAME OTEL_RESOURCE_ATTRIBUTES OTEL_TRACES_SAMPLER OTEL_PROPAGATORS OTEL_TRACES_EXPORTER OTEL_LOG_LEVEL
  OTEL_SDK_DISABLED
`)

describe('the variables of the field', () => {
  const lines = collectLog()
  const all = Object.values<Option<unknown>>(options)
  const read = new Set(all.flatMap(({ env }) => env))
  const readOtel = new Set(all.flatMap(({ otel }) => Object.keys(otel)))
  const pluginNames = plugins.map(({ name }) => name)
  const ofPlugins = new Set(pluginNames.flatMap((name) => [enabledVariable(name), ...serviceVariables(name)]))

  it('that are about tracing are read', () => {
    assert.deepEqual(
      READ.filter((name) => !read.has(name)),
      [],
    )
    assert.deepEqual(
      OTEL_READ.filter((name) => !readOtel.has(name)),
      [],
    )
  })

  it('that are about plugins are read', () => {
    assert.deepEqual(
      OF_PLUGINS.filter((name) => !ofPlugins.has(name)),
      [],
    )
  })

  it('that are about something else are known, and not read', () => {
    assert.deepEqual(
      LISTED.filter((name) => !isOfOthers(name) || read.has(name) || ofPlugins.has(name)),
      [],
    )
    const env = Object.fromEntries(LISTED.map((name) => [name, 'x']))
    const found = otherVariables(env, pluginNames)
    assert.deepEqual(
      found,
      [...LISTED].sort().map((name) => ({ name, meant: undefined })),
    )
  })

  it('are all here that options read: a new one belongs into this list or is our own', () => {
    const own = names(`
      DD_TRACE_STATS_CARDINALITY_LIMIT DD_TRACE_STATS_RESOURCE_CARDINALITY_LIMIT DD_TRACE_MAX_AGE DD_TRACE_SCOPE
      DD_EXPERIMENTAL_PROPAGATE_PROCESS_TAGS_ENABLED DD_TRACE_HTTP_CLIENT_ERROR_STATUSES
    `)
    assert.deepEqual(
      [...read].filter((name) => !READ.includes(name) && !own.includes(name)),
      [],
    )
  })

  it('of OpenTelemetry that are not read are named in one warning', () => {
    readConfig({}, { OTEL_BSP_MAX_QUEUE_SIZE: '5', OTEL_EXPORTER_OTLP_ENDPOINT: 'x', OTEL_METRICS_EXPORTER: 'otlp' })
    assert.deepEqual(lines, [
      'dd does not read OTEL_BSP_MAX_QUEUE_SIZE, OTEL_EXPORTER_OTLP_ENDPOINT, OTEL_METRICS_EXPORTER',
    ])
  })

  it('of OpenTelemetry that ask for no metrics and no logs are no mistake', () => {
    const env = { OTEL_METRICS_EXPORTER: 'none', OTEL_LOGS_EXPORTER: ' None ', OTEL_TRACES_SAMPLER_ARG: '1' }
    readConfig({}, env)
    assert.deepEqual(lines, [])
  })
})
