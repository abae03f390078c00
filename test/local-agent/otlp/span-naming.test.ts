// What spans of OpenTelemetry are called, by both generations of its semantic conventions.

import assert from 'node:assert/strict'
import type { AttributeValue } from '../../../src/local-agent/otlp/otlp-value'
import { KINDS, operationName, resourceName, spanType } from '../../../src/local-agent/otlp/span-naming'

type Kind = 'internal' | 'server' | 'client' | 'producer' | 'consumer' | 'unspecified'

describe('a span of OpenTelemetry', () => {
  const rows: [Kind, Record<string, AttributeValue>, operation: string, resource: string, type: string][] = [
    ['server', { 'http.method': 'GET', 'http.route': '/a/:b' }, 'http.server.request', 'GET /a/:b', 'web'],
    ['server', { 'http.request.method': 'POST', 'http.route': '/a' }, 'http.server.request', 'POST /a', 'web'],
    ['server', { 'http.request.method': '_OTHER' }, 'http.server.request', 'HTTP', 'web'],
    ['client', { 'http.request.method': 'GET', 'http.route': '/a' }, 'http.client.request', 'GET', 'http'],
    ['client', { 'http.method': 'GET', 'url.template': '/a/{b}' }, 'http.client.request', 'GET /a/{b}', 'http'],
    ['internal', { 'http.method': 'GET' }, 'Internal', 'GET', 'custom'],
    ['client', { 'db.system': 'mysql', 'db.statement': 'SELECT 1' }, 'mysql.query', 'SELECT 1', 'sql'],
    ['client', { 'db.system.name': 'postgresql', 'db.query.text': 'SELECT 2' }, 'postgresql.query', 'SELECT 2', 'sql'],
    ['client', { 'db.system': 'redis' }, 'redis.query', 'span name', 'redis'],
    ['client', { 'db.system': 'memcached' }, 'memcached.query', 'span name', 'memcached'],
    ['client', { 'db.system.name': 'mongodb' }, 'mongodb.query', 'span name', 'mongodb'],
    ['client', { 'db.system': 'dynamodb' }, 'dynamodb.query', 'span name', 'db'],
    ['client', { 'db.system': 'New DB!' }, 'new_db.query', 'span name', 'db'],
    [
      'producer',
      { 'messaging.system': 'kafka', 'messaging.operation': 'publish', 'messaging.destination': 't' },
      'kafka.publish',
      'publish t',
      'custom',
    ],
    [
      'consumer',
      { 'messaging.system': 'rabbitmq', 'messaging.operation.type': 'process', 'messaging.destination.name': 'q' },
      'rabbitmq.process',
      'process q',
      'custom',
    ],
    [
      'client',
      { 'rpc.system': 'grpc', 'rpc.method': 'Get', 'rpc.service': 'Shop' },
      'grpc.client.request',
      'Get Shop',
      'http',
    ],
    ['server', { 'rpc.system.name': 'grpc', 'rpc.method': 'Get' }, 'grpc.server.request', 'Get', 'web'],
    [
      'client',
      { 'rpc.system': 'aws-api', 'rpc.service': 'S3', 'rpc.method': 'Put' },
      'aws.s3.request',
      'Put S3',
      'http',
    ],
    ['client', { 'rpc.system': 'aws-api' }, 'aws.client.request', 'span name', 'http'],
    ['client', { 'faas.invoked_provider': 'aws', 'faas.invoked_name': 'Fn' }, 'aws.fn.invoke', 'span name', 'http'],
    ['server', { 'faas.trigger': 'timer' }, 'timer.invoke', 'span name', 'web'],
    [
      'server',
      { 'graphql.operation.type': 'query', 'graphql.operation.name': 'cart' },
      'graphql.server.request',
      'query cart',
      'web',
    ],
    ['server', { 'network.protocol.name': 'ws' }, 'ws.server.request', 'span name', 'web'],
    ['client', {}, 'client.request', 'span name', 'http'],
    ['server', {}, 'server.request', 'span name', 'web'],
    ['producer', {}, 'Producer', 'span name', 'custom'],
    ['consumer', {}, 'Consumer', 'span name', 'custom'],
    ['internal', {}, 'Internal', 'span name', 'custom'],
    ['unspecified', {}, 'Internal', 'span name', 'custom'],
    ['internal', { 'gen_ai.system': 'x' }, 'Internal', 'span name', 'llm'],
    [
      'client',
      { 'operation.name': 'My Op', 'resource.name': 'My resource', 'span.type': 'cache', 'http.method': 'GET' },
      'my_op',
      'My resource',
      'cache',
    ],
    ['client', { 'db.statement': 'SELECT 1' }, 'client.request', 'span name', 'http'],
    ['client', { 'http.method': '' }, 'client.request', 'span name', 'http'],
  ]
  for (const [kind, attributes, ...wanted] of rows) {
    it(`that is ${kind} with ${JSON.stringify(attributes)} is ${wanted[0]}`, () => {
      const own = new Map(Object.entries(attributes))
      const named = (from: 'own' | 'resource') => {
        const of = {
          kind: KINDS.indexOf(kind.toUpperCase() as 'SERVER'),
          spanName: 'span name',
          own: new Map(),
          resource: new Map(),
          [from]: own,
        }
        return [operationName(of), resourceName(of), spanType(of)]
      }
      assert.deepEqual(named('own'), wanted)
      // An attribute of the resource counts where the span has none.
      if (!Object.keys(attributes).some((key) => key.startsWith('gen_ai'))) assert.deepEqual(named('resource'), wanted)
    })
  }

  it('is asked before its resource', () => {
    const own = new Map([['http.request.method', 'GET']])
    const resource = new Map([['http.request.method', 'PUT']])
    assert.equal(resourceName({ kind: 2, spanName: '', own, resource }), 'GET')
  })
})
