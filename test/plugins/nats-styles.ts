// Every way to publish, to ask and to subscribe with NATS: it looks the same to the program with and without `dd`, and gives the
// spans it should.

import { strict as assert } from 'node:assert'
import type { RunningService } from '../services'
import { byStart, type ReceivedSpan } from '../support/agent'
import { type CallStyle, describeCallStyles } from '../support/call-styles'
import type { Library } from '../support/library'
import { Tracing } from '../support/tracing'
import { bytes, type Connection, connect, headersOf, type Message, textOf } from './nats-api'

interface Row extends CallStyle<Connection> {
  /** Name, resource and whether it failed, in order. */
  readonly spans: readonly (readonly [name: string, resource: string, failed?: 'failed'])[]
}

const SUBJECT = 'dd.test'
const PUBLISH = ['nats.publish', SUBJECT] as const
const CONSUME = ['nats.consume', SUBJECT] as const
const HELLO = bytes('hello')

/** Answers each request with what it was sent. */
const echo = (connection: Connection) =>
  connection.subscribe(SUBJECT, { callback: (_error: unknown, message: Message) => void message.respond(message.data) })

const rowsOf = (library: Library): Row[] => [
  { name: 'publish', run: (connection) => connection.publish(SUBJECT, HELLO), spans: [PUBLISH] },
  { name: 'publish nothing', run: (connection) => connection.publish(SUBJECT), spans: [PUBLISH] },
  {
    name: 'publish with headers, all frozen',
    run: (connection) => connection.publish(SUBJECT, HELLO, { headers: Object.freeze(headersOf(library, { a: 'b' })) }),
    spans: [PUBLISH],
  },
  {
    name: 'publish to no subject',
    run: (connection) => connection.publish('', HELLO),
    spans: [['nats.publish', 'nats.publish', 'failed']],
  },
  {
    name: 'publish of what is neither text nor bytes',
    run: (connection) => connection.publish(SUBJECT, 1),
    spans: [[...PUBLISH, 'failed']],
  },
  {
    name: 'publish on a connection that was closed',
    run: (connection) => connection.close().then(() => connection.publish(SUBJECT, HELLO)),
    spans: [[...PUBLISH, 'failed']],
  },
  {
    name: 'publish to an inbox',
    run: (connection) => connection.publish('_INBOX.somebody', HELLO),
    spans: [],
  },
  {
    name: 'request',
    run(connection) {
      echo(connection)
      return connection.request(SUBJECT, HELLO, { timeout: 2000 }).then(textOf)
    },
    spans: [PUBLISH, CONSUME],
  },
  {
    name: 'request without options',
    run(connection) {
      echo(connection)
      return connection.request(SUBJECT).then(textOf)
    },
    spans: [PUBLISH, CONSUME],
  },
  {
    name: 'request with a subscription of its own',
    run(connection) {
      echo(connection)
      return connection.request(SUBJECT, HELLO, { timeout: 2000, noMux: true }).then(textOf)
    },
    spans: [PUBLISH, CONSUME],
  },
  {
    name: 'request that nobody answers',
    run: (connection) => connection.request(SUBJECT, HELLO, { timeout: 2000 }),
    spans: [[...PUBLISH, 'failed']],
  },
  {
    name: 'request that fails and nobody handles',
    run(connection, probe) {
      void connection.request('', HELLO)
      return probe.unhandled()
    },
    spans: [['nats.publish', 'nats.publish', 'failed']],
  },
  {
    name: 'subscribe with a callback',
    run(connection, probe) {
      const called = probe.callback('message')
      connection.subscribe(SUBJECT, {
        max: 1,
        callback(this: unknown, error: unknown, message: Message) {
          called.call(this === undefined, error, message.subject, textOf(message))
        },
      })
      return connection.publish(SUBJECT, HELLO)
    },
    spans: [PUBLISH, CONSUME],
  },
  {
    name: 'subscribe with a wildcard',
    run(connection, probe) {
      const called = probe.callback('message')
      connection.subscribe('dd.>', { callback: (_error: unknown, message: Message) => called(message.subject) })
      return connection.publish(SUBJECT, HELLO)
    },
    spans: [PUBLISH, ['nats.consume', 'dd.>']],
  },
  {
    name: 'subscribe with a callback whose promise is rejected',
    run(connection, probe) {
      connection.subscribe(SUBJECT, { callback: () => Promise.reject(new Error('from the consumer')) })
      connection.publish(SUBJECT, HELLO)
      return probe.unhandled()
    },
    spans: [PUBLISH, [...CONSUME, 'failed']],
  },
  {
    name: 'iterate with a timeout that is over',
    async run(connection) {
      for await (const message of connection.subscribe(SUBJECT, { timeout: 20 })) return textOf(message)
      return undefined
    },
    spans: [],
  },
  {
    name: 'subscribe to no subject',
    run: (connection) => connection.subscribe(''),
    spans: [],
  },
  {
    name: 'subscribe and iterate',
    async run(connection) {
      const subscription = connection.subscribe(SUBJECT, { max: 2 })
      connection.publish(SUBJECT, HELLO)
      connection.publish(SUBJECT, HELLO)
      const seen: string[] = []
      for await (const message of subscription) seen.push(textOf(message))
      return seen
    },
    spans: [PUBLISH, PUBLISH, CONSUME, CONSUME],
  },
  {
    name: 'subscribe and iterate until something is thrown',
    async run(connection) {
      const subscription = connection.subscribe(SUBJECT)
      connection.publish(SUBJECT, HELLO)
      for await (const message of subscription) throw new Error(`from the loop: ${textOf(message)}`)
    },
    spans: [PUBLISH, CONSUME],
  },
]

/** Without and with `dd`. */
export function describeStyles(library: Library, server: () => RunningService): void {
  let tracing: Tracing
  const open = () => connect(library, server())
  const close = (connection: Connection) => connection.close()
  describeCallStyles<Connection, Row>('asked for by', rowsOf(library), {
    without: { open, close },
    with: {
      before: async () => {
        tracing = await Tracing.start({ nats: true })
      },
      open() {
        tracing.clear()
        return open()
      },
      async check({ spans: wanted }) {
        const spans = byStart(await tracing.spans())
        assert.deepEqual(
          spans.map(({ name, resource, error }) => [name, resource, ...(error === 1 ? ['failed'] : [])]),
          wanted,
        )
        for (const span of spans) checkSpan(span, server().url)
      },
      close,
      after: () => tracing.stop(),
    },
  })
}

function checkSpan(span: ReceivedSpan, serverUrl: string): void {
  const { hostname, port } = new URL(serverUrl)
  const consumed = span.name === 'nats.consume'
  assert.equal(span.service, 'test-nats')
  assert.equal(span.type, consumed ? 'worker' : undefined)
  assert.equal(span.meta['component'], 'nats')
  assert.equal(span.meta['span.kind'], consumed ? 'consumer' : 'producer')
  assert.equal(span.meta['messaging.system'], 'nats')
  assert.equal(span.meta['messaging.destination.name'], span.resource === 'nats.publish' ? undefined : SUBJECT)
  assert.equal(span.meta['out.host'], hostname)
  assert.equal(span.metrics['network.destination.port'], Number(port))
}
