// The tedious plugin, and all that can be shown without SQL Server, which cannot be had here: the driver is real, and talks the real
// protocol to a stand-in that knows a handful of statements (support/tds-server.ts).

import { strict as assert } from 'node:assert'
import { once } from 'node:events'
import { type PluginSetting, tracer } from '../../src'
import { childrenOf, find, type ReceivedSpan } from '../support/agent'
import { describeCallStyles } from '../support/call-styles'
import { withAndWithoutComments } from '../support/comment-settings'
import { describeLibrary, type Library, type LibraryVersions } from '../support/library'
import { TdsServer } from '../support/tds-server'
import { Tracing } from '../support/tracing'
import { type Connection, type Row, rows, type Subject, type Tedious } from './tedious-styles'

const versions: LibraryVersions = {
  name: 'tedious',
  majors: {
    14: ['14.0.0', '14.7.0'],
    15: ['15.0.0', '15.1.3'],
    16: ['16.0.0', '16.7.1'],
    17: ['17.0.0'],
    18: ['18.0.0', '18.6.2'],
    19: ['19.0.0', '19.2.2'],
    20: ['20.0.0', '20.3.9'],
  },
}

describeLibrary('tedious', versions, testTedious)

function testTedious(library: Library): void {
  let server: TdsServer
  let tedious: Tedious
  let tracing: Tracing

  before(async () => {
    server = await TdsServer.start()
    tedious = library.load()
  })
  // Where this Node is too old for the library nothing was started.
  after(() => (server as TdsServer | undefined)?.stop())

  const start = async (setting: PluginSetting = true) => {
    tracing = await Tracing.start({ tedious: setting })
  }
  const connect = async (): Promise<Connection> => {
    const connection = new tedious.Connection({
      server: '127.0.0.1',
      authentication: { type: 'default', options: { userName: 'reader', password: 'secret' } },
      options: { port: server.port, database: 'shop', encrypt: false },
    })
    connection.on('error', () => {})
    await new Promise<void>((resolve, reject) =>
      connection.connect((error) => (error === undefined || error === null ? resolve() : reject(error))),
    )
    return connection
  }
  const disconnect = async (connection: Connection) => {
    const ended = once(connection, 'end')
    connection.close()
    await ended
  }
  const ask = (connection: Connection, text: string, seen?: (event: string) => void) =>
    new Promise<number | undefined>((resolve, reject) => {
      const request = new tedious.Request(text, (error, count) => {
        seen?.('callback')
        if (error) reject(error)
        else resolve(count)
      })
      for (const event of ['columnMetadata', 'row', 'requestCompleted']) request.on(event, () => seen?.(event))
      connection.execSql(request)
    })

  function checkSpan(span: ReceivedSpan): void {
    assert.deepEqual([span.name, span.type, span.service], ['tedious.request', 'sql', 'test-mssql'])
    const {
      component,
      'span.kind': kind,
      'db.type': type,
      'db.name': name,
      'db.user': user,
      'out.host': host,
    } = span.meta
    assert.deepEqual(
      [component, kind, type, name, user, host, span.metrics['network.destination.port']],
      ['tedious', 'client', 'mssql', 'shop', 'reader', '127.0.0.1', server.port],
    )
    assert.equal(span.meta['_dd.base_service'], 'test')
    assert.doesNotMatch(JSON.stringify(span.meta), /secret/)
  }

  const open = async (): Promise<Subject> => ({ tedious, connection: await connect() })
  const close = ({ connection }: Subject) => connection.close()

  for (const [title, setting] of withAndWithoutComments) {
    describeCallStyles<Subject, Row>(title, rows, {
      without: { open, close },
      with: {
        before: () => start(setting),
        open,
        async check({ resources, failed }) {
          const spans = await tracing.spans()
          assert.deepEqual(
            spans.map(({ resource }) => resource),
            resources,
          )
          spans.forEach(checkSpan)
          const errors = spans.filter(({ error }) => error === 1)
          assert.deepEqual(
            errors.map(({ resource }) => resource),
            failed === undefined ? [] : [failed[0]],
          )
          if (failed !== undefined) assert.match(errors[0]?.meta['error.message'] ?? '', failed[1])
        },
        close: async (subject) => {
          close(subject)
          await tracing.spans()
          tracing.clear()
        },
        after: () => tracing.stop(),
      },
    })
  }

  describe('in a program', () => {
    before(() => start())
    afterEach(async () => {
      await tracing.spans()
      tracing.clear()
    })
    after(() => tracing.stop())

    it('runs callbacks and listeners in the context of the call, whoever opened the connection', async () => {
      const connection = await tracer.trace('opener', connect)
      const request = (n: number) =>
        tracer.trace('request', { resource: `r${n}` }, async (span) => {
          const seen: string[] = []
          await ask(connection, `select ${n} as n`, (event) => {
            seen.push(event)
            assert.equal(tracer.activeSpan, span, event)
          })
          assert.deepEqual(seen, ['columnMetadata', 'row', 'callback', 'requestCompleted'])
        })
      await request(1)
      await request(2)
      await disconnect(connection)
      const spans = await tracing.spans()
      assert.deepEqual(childrenOf(find(spans, 'opener'), spans), [])
      for (const n of [1, 2]) {
        const children = childrenOf(find(spans, { name: 'request', resource: `r${n}` }), spans)
        assert.deepEqual(
          children.map(({ resource }) => resource),
          [`select ${n} as n`],
        )
      }
    })

    it('follows a request that is made again and again, each time for its caller', async () => {
      const connection = await connect()
      const results: (() => void)[] = []
      const request = new tedious.Request('select @n as n', () => results.shift()?.())
      const { callback } = request
      request.addParameter('n', tedious.TYPES.Int)
      const prepared = once(request, 'prepared')
      connection.prepare(request)
      await prepared
      for (const n of [1, 2, 3]) {
        await tracer.trace('request', { resource: `r${n}` }, async (span) => {
          const result = new Promise<unknown>((resolve) => results.push(() => resolve(tracer.activeSpan)))
          connection.execute(request, { n })
          assert.equal(await result, span)
        })
        assert.equal(request.callback, callback)
      }
      await disconnect(connection)
      const spans = await tracing.spans()
      for (const n of [1, 2, 3])
        assert.equal(childrenOf(find(spans, { name: 'request', resource: `r${n}` }), spans).length, 1)
      assert.equal(spans.length, 7)
    })

    it('gives each of 20 concurrent requests on five connections its own queries', async () => {
      const connections = await Promise.all(Array.from({ length: 5 }, connect))
      // A connection takes one request at a time; whoever comes next has to wait for it.
      const turns: Promise<unknown>[] = connections.map(() => Promise.resolve())
      const request = (n: number) =>
        tracer.trace('request', { resource: `r${n}` }, async (span) => {
          const [connection, turn] = [connections[n % 5] as Connection, turns[n % 5]]
          const queries = async () => {
            await turn
            await ask(connection, `select ${n} as first`)
            assert.equal(tracer.activeSpan, span)
            await ask(connection, `select ${n} as second`)
            assert.equal(tracer.activeSpan, span)
          }
          const mine = queries()
          turns[n % 5] = mine
          await mine
        })
      await Promise.all(Array.from({ length: 20 }, (_, n) => request(n)))
      await Promise.all(connections.map(disconnect))
      const spans = await tracing.spans()
      for (let n = 0; n < 20; n++) {
        const children = childrenOf(find(spans, { name: 'request', resource: `r${n}` }), spans)
        assert.deepEqual(
          children.map(({ resource }) => resource),
          [`select ${n} as first`, `select ${n} as second`],
        )
        children.forEach(checkSpan)
      }
      assert.equal(spans.length, 60)
    })

    it('ends the span of a request whose connection is lost', async () => {
      const connection = await connect()
      const lost = ask(connection, 'wait for an attention')
      server.drop()
      await assert.rejects(lost)
      const span = find(await tracing.spans(), { resource: 'wait for an attention' })
      assert.equal(span.error, 1)
      checkSpan(span)
    })
  })

  it('takes its service from the options', async () => {
    await start({ service: 'orders-db' })
    const connection = await connect()
    assert.equal(await ask(connection, 'select 1 as n'), 1)
    await disconnect(connection)
    const span = find(await tracing.spans(), 'tedious.request')
    assert.equal(span.service, 'orders-db')
    await tracing.stop()
  })

  it('leaves the library as it was, before and after', async () => {
    const looks = () =>
      [tedious.Connection, tedious.Request].map(({ prototype }) => Object.getOwnPropertyDescriptors(prototype))
    const shape = (all: ReturnType<typeof looks>) =>
      all.map((methods) =>
        Object.entries(methods).map(([key, { value, ...attributes }]) => {
          const { name, length } = value as { name?: unknown; length?: unknown }
          return [key, name, length, attributes]
        }),
      )
    const originals = looks()
    await start(false)
    assert.deepEqual(looks(), originals)
    await tracing.stop()
    await start()
    assert.notDeepEqual(looks(), originals)
    assert.deepEqual(shape(looks()), shape(originals))
    await tracing.stop()
    assert.deepEqual(looks(), originals)
  })
}
