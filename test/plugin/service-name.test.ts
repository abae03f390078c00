// The names of services, operations and peers, as the settings have them.

import { strict as assert } from 'node:assert'
import { namePeer } from '../../src/plugin/peer-name'
import { serviceName, spanName } from '../../src/plugin/service-name'
import { DEFAULT_NAMING, type Naming } from '../../src/trace/naming'
import { MadeTracer, tagsOf } from '../trace/made-tracer'

const naming = (more: Partial<Naming>): Naming => ({ ...DEFAULT_NAMING, ...more })

describe('the service of a span', () => {
  const V1 = naming({ schema: 'v1' })
  const ONE = naming({ removesIntegrationNames: true })
  const OTHERS = naming({ services: { 'shop-postgres': 'orders', db: 'archive', shop: 'never' } })
  const rows: [name: string, expected: string, system: string | undefined, option: unknown, naming: Naming][] = [
    ['of a client has its system', 'shop-postgres', 'postgres', undefined, DEFAULT_NAMING],
    ['of no client is that of the program', 'shop', undefined, undefined, DEFAULT_NAMING],
    ['is the option', 'db', 'postgres', 'db', DEFAULT_NAMING],
    ['is not an empty option', 'shop-postgres', 'postgres', '', DEFAULT_NAMING],
    ['is not an option that is no text', 'shop-postgres', 'postgres', 7, DEFAULT_NAMING],
    ['is one for all in v1', 'shop', 'postgres', undefined, V1],
    ['is the option in v1', 'db', 'postgres', 'db', V1],
    ['is one for all without the names of integrations', 'shop', 'postgres', undefined, ONE],
    ['is the option without the names of integrations', 'db', 'postgres', 'db', ONE],
    ['may be renamed', 'orders', 'postgres', undefined, OTHERS],
    ['may be an option that is renamed', 'archive', 'postgres', 'db', OTHERS],
    ['of the program is renamed with the program', 'shop', undefined, undefined, OTHERS],
    ['is not renamed to what every object has', 'toString', undefined, 'toString', OTHERS],
  ]
  for (const [name, expected, system, option, how] of rows) {
    it(name, () => assert.equal(serviceName('shop', system, option, how), expected))
  }
})

describe('the name of an operation', () => {
  it('is another in v1, where there is one', () => {
    const [query, command] = [
      { name: 'pg.query', v1Name: 'postgresql.query', kind: 'client' },
      { name: 'redis.command', kind: 'client' },
    ] as const
    assert.deepEqual(
      [query, command].map((template) => [
        spanName(template, DEFAULT_NAMING),
        spanName(template, naming({ schema: 'v1' })),
      ]),
      [
        ['pg.query', 'postgresql.query'],
        ['redis.command', 'redis.command'],
      ],
    )
  })
})

describe('the peer of a span', () => {
  const peerOf = (tags: Record<string, string | number>, peerTags?: string[], peers: Record<string, string> = {}) => {
    const span = new MadeTracer().startSpan('query')
    for (const [key, value] of Object.entries(tags)) span.put(key, value)
    namePeer(span, { name: 'query', kind: 'client', ...(peerTags && { peerTags }) }, peers)
    const { 'peer.service': peer, '_dd.peer.service.source': source, ...rest } = tagsOf(span)
    return [peer, source, rest['_dd.peer.service.remapped_from']]
  }
  const host = { 'out.host': 'db-7', 'net.peer.name': 'peer' }

  it('is what the plugin says first', () =>
    assert.deepEqual(peerOf({ ...host, 'db.name': 'shop' }, ['db.name']), ['shop', 'db.name', undefined]))
  it('is the second where the first is not there, or empty', () =>
    assert.deepEqual(peerOf({ ...host, a: '', b: 'x' }, ['a', 'b']), ['x', 'b', undefined]))
  it('is the part before the first dot', () =>
    assert.deepEqual(peerOf({ 'db.name': 'shop.orders.old' }, ['db.name.']), ['shop', 'db.name', undefined]))
  it('is the name of the peer, then its host', () => {
    assert.deepEqual(peerOf(host), ['peer', 'net.peer.name', undefined])
    assert.deepEqual(peerOf({ 'out.host': 'db-7' }, ['db.name']), ['db-7', 'out.host', undefined])
  })
  it('is nothing where nothing is known', () =>
    assert.deepEqual(peerOf({ 'out.host': 7 }), [undefined, undefined, undefined]))
  it('is what the program has said', () =>
    assert.deepEqual(peerOf({ ...host, 'peer.service': 'own' }), ['own', 'peer.service', undefined]))
  it('may have another name', () => {
    const others = { 'db-7': 'orders', own: 'mine' }
    assert.deepEqual(peerOf({ 'out.host': 'db-7' }, [], others), ['orders', 'out.host', 'db-7'])
    assert.deepEqual(peerOf({ 'peer.service': 'own' }, [], others), ['mine', 'peer.service', 'own'])
    assert.deepEqual(peerOf({ 'out.host': 'toString' }, [], others), ['toString', 'out.host', undefined])
  })
})
