// How the mongodb plugin writes filters: what is shown of values, and that any filter ends somewhere.

import { strict as assert } from 'node:assert'
import { describeCommand, MAX_RESOURCE_LENGTH, startOf } from '../../plugins/mongodb/command'
import { MAX_DEPTH, MAX_LENGTH, queryText } from '../../plugins/mongodb/query-text'

/** What the driver's package `bson` gives: its values know their type and how they look in JSON. */
class ObjectId {
  readonly _bsontype = 'ObjectId'
  toJSON() {
    return '5f00000000000000000000aa'
  }
}
class Binary {
  readonly _bsontype = 'Binary'
  toJSON() {
    return 'c2VjcmV0'
  }
}

const filter = {
  name: 'Ada',
  age: { $gt: 36, $in: [1, 2.5] },
  active: true,
  gone: null,
  id: new ObjectId(),
  hash: new Binary(),
  bytes: Buffer.from('secret'),
  born: new Date(0),
  like: /ad./i,
  big: 12n,
  map: new Map(),
  missing: undefined,
  fn: () => 1,
  'odd "key"': [],
}

describe('the text of a MongoDB filter', () => {
  it('has ? for every value', () => {
    assert.equal(
      queryText(filter, 'redact'),
      '{"name":"?","age":{"$gt":"?","$in":["?","?"]},"active":"?","gone":"?","id":"?","hash":"?","bytes":"?",' +
        '"born":"?","like":"?","big":"?","map":"?","odd \\"key\\"":[]}',
    )
    assert.equal(queryText([{ $match: { a: 1 } }, { $limit: 5 }], 'redact'), '[{"$match":{"a":"?"}},{"$limit":"?"}]')
  })

  it('has the types of values', () => {
    assert.equal(
      queryText(filter, 'types'),
      '{"name":"string","age":{"$gt":"number","$in":["number","number"]},"active":"boolean","gone":"null","id":"ObjectId",' +
        '"hash":"Binary","bytes":"Buffer","born":"Date","like":"RegExp","big":"bigint","map":"Map","odd \\"key\\"":[]}',
    )
  })

  it('has the values, without binary data', () => {
    assert.equal(
      queryText(filter, 'none'),
      '{"name":"Ada","age":{"$gt":36,"$in":[1,2.5]},"active":true,"gone":null,"id":"5f00000000000000000000aa","hash":"?",' +
        '"bytes":"?","born":"1970-01-01T00:00:00.000Z","like":{"$regex":"ad.","$options":"i"},"big":"12","map":"?",' +
        '"odd \\"key\\"":[]}',
    )
  })

  it('goes so deep and no deeper', () => {
    const nested = (depth: number): object => (depth === 1 ? { a: 1 } : { a: nested(depth - 1) })
    const text = (depth: number) => queryText(nested(depth), 'none')
    assert.equal(text(MAX_DEPTH), `${'{"a":'.repeat(MAX_DEPTH)}1${'}'.repeat(MAX_DEPTH)}`)
    assert.equal(text(MAX_DEPTH + 1), `${'{"a":'.repeat(MAX_DEPTH)}"?"${'}'.repeat(MAX_DEPTH)}`)
    const cycle: Record<string, unknown> = {}
    cycle['a'] = cycle
    assert.equal(queryText(cycle, 'none'), text(MAX_DEPTH + 1))
  })

  it('becomes so long and no longer', () => {
    const ofLength = (length: number) => queryText({ a: 'x'.repeat(length - '{"a":""}'.length) }, 'none')
    assert.equal(ofLength(MAX_LENGTH).length, MAX_LENGTH)
    assert.ok(ofLength(MAX_LENGTH).endsWith('x"}'))
    assert.equal(ofLength(MAX_LENGTH + 1).length, MAX_LENGTH)
    assert.ok(ofLength(MAX_LENGTH + 1).endsWith('x"'))
  })

  it('stops reading a list that is too long', () => {
    let read = 0
    const one = {
      get a() {
        read++
        return 1
      },
    }
    const text = queryText({ $or: new Array(100_000).fill(one) }, 'redact')
    assert.equal(text.length, MAX_LENGTH)
    assert.ok(read <= MAX_LENGTH / '{"a":"?"},'.length, `${read} were read`)
  })

  it('fits into a resource of a limited length', () => {
    const options = { queryInResourceName: true, obfuscateQuery: 'none' } as const
    const start = 'find db.items {"a":""}'
    const resource = (length: number) =>
      startOf(options, 'find', 'db.items', { a: 'x'.repeat(length - start.length) }, undefined, undefined).resource
    assert.equal(resource(MAX_RESOURCE_LENGTH).length, MAX_RESOURCE_LENGTH)
    assert.ok(resource(MAX_RESOURCE_LENGTH).endsWith('x"}'))
    assert.equal(resource(MAX_RESOURCE_LENGTH + 1).length, MAX_RESOURCE_LENGTH)
    assert.ok(resource(MAX_RESOURCE_LENGTH + 1).endsWith('x"'))
  })

  it('goes with the address of the server', () => {
    const tagsOf = (address: string | undefined) => startOf({}, 'find', 'db.items', {}, address, undefined).tags ?? {}
    assert.deepEqual([tagsOf('[::1]:27017')['out.host'], tagsOf('[::1]:27017')['out.port']], ['::1', '27017'])
    assert.equal(tagsOf('0123456789abcdef')['out.host'], undefined)
  })

  it('has nothing to say of what the driver sends by itself, unless heartbeats are wanted', () => {
    const resourceOf = (command: Record<string, unknown>, heartbeatEnabled?: boolean) =>
      describeCommand(
        { ...(heartbeatEnabled !== undefined && { heartbeatEnabled }) },
        'db.$cmd',
        command,
        undefined,
        undefined,
      )?.resource
    for (const name of ['hello', 'ismaster', 'isMaster']) {
      assert.equal(resourceOf({ [name]: 1 }), undefined)
      assert.equal(resourceOf({ [name]: 1 }, false), undefined)
      assert.equal(resourceOf({ [name]: 1 }, true), `${name} db.$cmd`)
    }
    assert.equal(resourceOf({ saslStart: 1 }, true), undefined)
    assert.equal(resourceOf({ ping: 1 }), 'ping db.$cmd')
  })
})
