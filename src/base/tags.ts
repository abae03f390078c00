// The names of tags that the Agent, the backend and every Datadog tracer agree on.
// Source: the trace-agent's span tag conventions and Datadog's "unified service tagging" documentation.

export const COMPONENT = 'component'
export const INTEGRATION = '_dd.integration'
export const SPAN_KIND = 'span.kind'
export const BASE_SERVICE = '_dd.base_service'
export const SERVICE_SOURCE = '_dd.svc_src'
export const MEASURED = '_dd.measured'
export const TOP_LEVEL = '_dd.top_level'

export const ENV = 'env'
export const VERSION = 'version'
export const LANGUAGE = 'language'
export const RUNTIME_ID = 'runtime-id'
export const PROCESS_ID = 'process_id'

export const ERROR_TYPE = 'error.type'
export const ERROR_MESSAGE = 'error.message'
export const ERROR_STACK = 'error.stack'

export const MANUAL_KEEP = 'manual.keep'
export const MANUAL_DROP = 'manual.drop'

export const SAMPLING_PRIORITY = '_sampling_priority_v1'
export const DECISION_MAKER = '_dd.p.dm'
export const KNUTH_RATE = '_dd.p.ksr'
export const TRACE_ID_HIGH = '_dd.p.tid'
export const AGENT_RATE = '_dd.agent_psr'
export const RULE_RATE = '_dd.rule_psr'
export const ORIGIN = '_dd.origin'

export const SPAN_LINKS = '_dd.span_links'
export const SPAN_EVENTS = 'events'

export const HTTP_METHOD = 'http.method'
export const HTTP_URL = 'http.url'
export const HTTP_STATUS_CODE = 'http.status_code'
export const HTTP_ROUTE = 'http.route'
export const HTTP_USER_AGENT = 'http.useragent'
export const OUT_HOST = 'out.host'
export const DESTINATION_PORT = 'network.destination.port'

export const DB_TYPE = 'db.type'
export const DB_NAME = 'db.name'
export const DB_USER = 'db.user'
