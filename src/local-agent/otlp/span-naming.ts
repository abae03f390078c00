// What the Agent calls a span of OpenTelemetry: operation name, resource and type, by the kind of the span and the semantic conventions, the old
// ones and those that replaced them.
// Source: datadog-agent, pkg/trace/transform/otelutil.go (operation and resource names of version 2), pkg/trace/semantics/mappings.json.

import { type Attributes, firstText } from './otlp-value'

/** By their numbers in OTLP. */
export const KINDS = ['UNSPECIFIED', 'INTERNAL', 'SERVER', 'CLIENT', 'PRODUCER', 'CONSUMER'] as const

const [SERVER, CLIENT] = [2, 3]
/** What the Agent calls a span that nothing else names. */
const KIND_NAMES = ['Internal', 'Internal', 'Server', 'Client', 'Producer', 'Consumer']

/** Keys of one meaning; the first that is there counts. */
const HTTP_METHOD = ['http.request.method', 'http.method']
const DB_SYSTEM = ['db.system.name', 'db.system']
const DB_STATEMENT = ['db.statement', 'db.query.text']
const MESSAGING_OPERATION = ['messaging.operation', 'messaging.operation.type', 'messaging.operation.name']
const MESSAGING_DESTINATION = ['messaging.destination', 'messaging.destination.name']
const RPC_SYSTEM = ['rpc.system', 'rpc.system.name']

/** Databases by the type of their spans; what is not here is `db`. */
const DB_TYPES: ReadonlyMap<string, string> = new Map([
  ...(
    'adabas cache clickhouse cloudscape cockroachdb coldfusion db2 derby edb filemaker firebird firstsql h2 hanadb hsqldb informix ' +
    'ingres instantdb interbase mariadb maxdb microsoft.sql_server mssql mysql netezza oracle oracle.db other_sql pervasive pointbase ' +
    'postgresql progress redshift sqlite sybase teradata vertica ibm.db2 sap.hana sap.maxdb aws.redshift ibm.netezza ibm.informix'
  )
    .split(' ')
    .map((system) => [system, 'sql'] as const),
  ...['cassandra', 'redis', 'memcached', 'mongodb', 'elasticsearch', 'opensearch'].map(
    (system) => [system, system] as const,
  ),
])

/** Of the span, then of its resource. */
export interface Naming {
  readonly kind: number
  readonly spanName: string
  readonly own: Attributes
  readonly resource: Attributes
}

export function operationName(of: Naming): string {
  const text = (...keys: readonly string[]) => normalized(either(of, keys))
  const isClient = of.kind === CLIENT
  const isServer = of.kind === SERVER
  const given = text('operation.name')
  if (given !== '') return given
  if (either(of, HTTP_METHOD) !== '' && (isServer || isClient)) return `http.${isServer ? 'server' : 'client'}.request`
  const database = text(...DB_SYSTEM)
  if (database !== '' && isClient) return `${database}.query`
  const [broker, operation] = [text('messaging.system'), text(...MESSAGING_OPERATION)]
  if (broker !== '' && operation !== '' && of.kind >= SERVER) return `${broker}.${operation}`
  const rpc = text(...RPC_SYSTEM)
  if (rpc === 'aws-api' && isClient) return `aws.${text('rpc.service') || 'client'}.request`
  if (rpc !== '' && (isServer || isClient)) return `${rpc}.${isServer ? 'server' : 'client'}.request`
  const [provider, invoked] = [text('faas.invoked_provider'), text('faas.invoked_name')]
  if (provider !== '' && invoked !== '' && isClient) return `${provider}.${invoked}.invoke`
  const trigger = text('faas.trigger')
  if (trigger !== '' && isServer) return `${trigger}.invoke`
  if (text('graphql.operation.type') !== '') return 'graphql.server.request'
  if (!isServer && !isClient) return KIND_NAMES[of.kind] ?? 'Internal'
  const protocol = text('network.protocol.name')
  return `${protocol === '' ? '' : `${protocol}.`}${isServer ? 'server' : 'client'}.request`
}

export function resourceName(of: Naming): string {
  const text = (...keys: readonly string[]) => either(of, keys)
  const given = text('resource.name')
  if (given !== '') return given
  const method = text(...HTTP_METHOD)
  if (method !== '') {
    const path = of.kind === CLIENT ? text('url.template') : of.kind === SERVER ? text('http.route') : ''
    return joined(method === '_OTHER' ? 'HTTP' : method, path)
  }
  const operation = text(...MESSAGING_OPERATION)
  if (operation !== '') return joined(operation, text(...MESSAGING_DESTINATION))
  const call = text('rpc.method')
  if (call !== '') return joined(call, text('rpc.service'))
  const query = text('graphql.operation.type')
  if (query !== '') return joined(query, text('graphql.operation.name'))
  const statement = text(...DB_SYSTEM) === '' ? '' : text(...DB_STATEMENT)
  return statement || of.spanName
}

export function spanType(of: Naming): string {
  for (const key of of.own.keys()) {
    if (key.startsWith('gen_ai.')) return 'llm'
  }
  const given = either(of, ['span.type'])
  if (given !== '') return given
  if (of.kind === SERVER) return 'web'
  if (of.kind !== CLIENT) return 'custom'
  const database = normalized(either(of, DB_SYSTEM))
  return database === '' ? 'http' : (DB_TYPES.get(database) ?? 'db')
}

export function either({ own, resource }: Pick<Naming, 'own' | 'resource'>, keys: readonly string[]): string {
  return firstText(own, ...keys) || firstText(resource, ...keys)
}

function joined(first: string, second: string): string {
  return second === '' ? first : `${first} ${second}`
}

/** The value of a tag as the Agent writes it: in small letters, without signs that no tag has. */
function normalized(text: string): string {
  return text
    .slice(0, 200)
    .toLowerCase()
    .replace(/[^\p{L}\p{N}_\-:./]+/gu, '_')
    .replace(/_+$/, '')
}
