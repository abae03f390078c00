// That the settings which are about one plugin reach it under the name that it knows, from the environment and from `init`.

import { strict as assert } from 'node:assert'
import { type InitOptions, readConfig } from '../../src/config/config'
import { pluginDefaults } from '../../src/config/plugin-defaults'
import { describePackages } from '../support/library'
import { Tracing } from '../support/tracing'

/** What the plugin's options are, by a path of names. */
const ROWS: [
  variable: string,
  text: string,
  option: string,
  inCode: unknown,
  path: string,
  value: unknown,
  other: unknown,
][] = [
  ['DD_TRACE_HEADER_TAGS', 'a,b:c', 'headerTags', ['d'], 'http.server.headers', ['a', 'b:c'], ['d']],
  ['DD_TRACE_HEADER_TAGS', 'a,b:c', 'headerTags', ['d'], 'http.client.headers', ['a', 'b:c'], ['d']],
  ['DD_TRACE_HEADER_TAGS', 'a,b:c', 'headerTags', ['d'], 'http2.server.headers', ['a', 'b:c'], ['d']],
  ['DD_TRACE_HEADER_TAGS', 'a,b:c', 'headerTags', ['d'], 'undici.headers', ['a', 'b:c'], ['d']],
  ['DD_TRACE_CLIENT_IP_ENABLED', 'true', 'clientIp', true, 'http.server.clientIp', true, true],
  ['DD_TRACE_CLIENT_IP_HEADER', 'x-mine', 'clientIpHeader', 'y', 'http.server.clientIpHeader', 'x-mine', 'y'],
  ['DD_TRACE_RESOURCE_RENAMING_ENABLED', '1', 'resourceRenaming', true, 'http2.server.resourceRenaming', true, true],
  [
    'DD_GRPC_CLIENT_ERROR_STATUSES',
    '2,4-6',
    'grpcClientErrorStatuses',
    [[1, 1]],
    'grpc.client.errorStatuses',
    [
      [2, 2],
      [4, 6],
    ],
    [[1, 1]],
  ],
  [
    'DD_GRPC_SERVER_ERROR_STATUSES',
    '13',
    'grpcServerErrorStatuses',
    [[1, 1]],
    'grpc.server.errorStatuses',
    [[13, 13]],
    [[1, 1]],
  ],
  [
    'DD_TRACE_MONGODB_OBFUSCATE_QUERY',
    'none',
    'mongodbObfuscateQuery',
    'types',
    'mongodb.obfuscateQuery',
    'none',
    'types',
  ],
  ...['pg', 'postgres', 'mysql', 'mysql2', 'mariadb', 'tedious', 'mongodb'].map((plugin): (typeof ROWS)[number] => [
    'DD_DBM_PROPAGATION_MODE',
    'full',
    'dbmPropagationMode',
    'service',
    `${plugin}.dbmPropagationMode`,
    'full',
    'service',
  ]),
  ['DD_TRACE_MONGODB_HEARTBEAT_ENABLED', 'true', 'mongodbHeartbeat', true, 'mongodb.heartbeatEnabled', true, true],
  [
    'DD_TRACE_MEMCACHED_COMMAND_ENABLED',
    'true',
    'memcachedCommand',
    true,
    'memcached.memcachedCommandEnabled',
    true,
    true,
  ],
  ['DD_TRACE_GRAPHQL_COLLAPSE', 'false', 'graphqlCollapse', false, 'graphql.collapse', false, false],
  ['DD_TRACE_GRAPHQL_DEPTH', '0', 'graphqlDepth', 2, 'graphql.depth', 0, 2],
  ['DD_TRACE_GRAPHQL_VARIABLES', 'a,b', 'graphqlVariables', ['c'], 'graphql.variables', ['a', 'b'], ['c']],
  [
    'DD_TRACE_GRAPHQL_ERROR_EXTENSIONS',
    'code',
    'graphqlErrorExtensions',
    ['d'],
    'graphql.errorExtensions',
    ['code'],
    ['d'],
  ],
]

describe('what the settings say about plugins', () => {
  const optionAt = (path: string, options: InitOptions, env: Record<string, string>) => {
    let found: unknown = pluginDefaults(readConfig(options, env))
    for (const name of path.split('.')) found = (found as Record<string, unknown>)[name]
    return found
  }
  for (const [variable, text, option, inCode, path, value, other] of ROWS) {
    it(`is ${path} for ${variable} and ${option}`, () => {
      assert.deepEqual(optionAt(path, {}, { [variable]: text }), value)
      assert.deepEqual(optionAt(path, { [option]: inCode }, { [variable]: text }), other)
    })
  }

  it('is no more than plugins would do by themselves', () => {
    assert.deepEqual(optionAt('graphql', {}, {}), { collapse: true, depth: -1, variables: [], errorExtensions: [] })
    assert.deepEqual(optionAt('mongodb', {}, {}), {
      dbmPropagationMode: 'disabled',
      obfuscateQuery: 'redact',
      heartbeatEnabled: false,
    })
    assert.deepEqual(optionAt('pg', {}, {}), { dbmPropagationMode: 'disabled' })
    assert.deepEqual(optionAt('grpc', {}, {}), {
      client: { errorStatuses: [[1, 16]] },
      server: { errorStatuses: [[2, 16]] },
    })
  })
})

interface Graphql {
  buildSchema(text: string): object
  graphql(request: object): Promise<{ errors?: unknown[] }>
}

describePackages('the settings of GraphQL', { graphql: '16.15.0' }, undefined, (set) => {
  const spansWith = async (env: Record<string, string>, options: InitOptions, plugin: object | true) => {
    Object.assign(process.env, env)
    const tracing = await Tracing.start({ graphql: plugin as true }, options)
    for (const name of Object.keys(env)) delete process.env[name]
    const { buildSchema, graphql } = set.require('graphql') as Graphql
    await graphql({
      schema: buildSchema('type Query { hello(to: String): String }'),
      source: 'query Q($to: String, $pin: String) { hello(to: $to) }'.replace(', $pin: String', ''),
      rootValue: { hello: () => 'hello' },
      variableValues: { to: 'you' },
    })
    const spans = await tracing.spans()
    await tracing.stop()
    const execute = spans.find(({ name }) => name === 'graphql.execute')
    return [spans.some(({ name }) => name === 'graphql.resolve'), execute?.meta['graphql.variables.to']]
  }

  it('reach the plugin', async () => {
    const env = { DD_TRACE_GRAPHQL_DEPTH: '0', DD_TRACE_GRAPHQL_VARIABLES: 'to' }
    assert.deepEqual(await spansWith({}, {}, true), [true, undefined])
    assert.deepEqual(await spansWith(env, {}, true), [false, 'you'])
    assert.deepEqual(await spansWith(env, { graphqlVariables: [] }, true), [false, undefined])
    assert.deepEqual(await spansWith(env, {}, { depth: -1 }), [true, 'you'])
    assert.deepEqual(await spansWith({}, {}, { variables: ['to'] }), [true, 'you'])
    assert.deepEqual(await spansWith(env, {}, { variables: () => ({ to: 'picked' }) }), [false, 'picked'])
  })
})
