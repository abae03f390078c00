// Diagnostics channels as spans: real publishers of Node's own TracingChannel, and plain channels as older libraries have them.
// Whoever publishes gets the same result and the same error, whatever the plugin does.

import { strict as assert } from 'node:assert'
import { channel, type TracingChannel, tracingChannel } from 'node:diagnostics_channel'
import { setTimeout as sleep } from 'node:timers/promises'
import { listen } from '../../src/plugin/channels'
import type { ChannelOperation, PlainChannels, PluginOptions } from '../../src/plugin/contract'
import { MUTED_CONTEXT } from '../../src/trace/context'
import { collectLog } from '../support/log-lines'
import { MadeTracer, tagsOf } from '../trace/made-tracer'
import { FAILURE, failureOf } from './library'

/** What the publishers put on their messages. */
interface Message {
  readonly query: string
  result?: unknown
  error?: unknown
}

const operation: ChannelOperation = {
  name: 'db.query',
  type: 'sql',
  kind: 'client',
  system: 'db',
  start: ({ query }: Message) => (query === 'skip' ? undefined : { resource: query }),
  finish: (span, { result }: Message) => span.put('result', String(result)),
}

describe('channels', () => {
  const said = collectLog()
  let tracer: MadeTracer
  let stop: (() => void) | undefined
  beforeEach(() => {
    tracer = new MadeTracer()
  })
  afterEach(() => stop?.())

  describe('of a TracingChannel', () => {
    let publisher: TracingChannel<unknown, Message>
    const start = (more: Partial<ChannelOperation> = {}, options: PluginOptions = {}) => {
      publisher = tracingChannel('dd-test:query')
      stop = listen(
        { module: 'db', channel: 'dd-test:query', operation: { ...operation, ...more } },
        'db',
        options,
        tracer,
      )
    }
    const fails = () => {
      throw FAILURE
    }
    type Callback = (error: unknown, value?: unknown) => void
    type Publish = (message: Message) => unknown
    const viaCallback = (answer: (done: Callback) => void): Publish => {
      return (message) =>
        new Promise((resolve, reject) => {
          const done: Callback = (error, value) => (error ? reject(error) : resolve(value))
          publisher.traceCallback(answer as never, 0, message, null, done)
        })
    }

    const styles: [name: string, publish: Publish, failed?: boolean][] = [
      ['a function that returns', (message) => publisher.traceSync(() => 42, message)],
      ['a function that throws', (message) => publisher.traceSync(fails, message), true],
      ['a promise', (message) => publisher.tracePromise(async () => 42, message)],
      ['a rejected promise', (message) => publisher.tracePromise(() => Promise.reject(FAILURE), message), true],
      ['a promise that is not begun', (message) => publisher.tracePromise(fails as never, message), true],
      ['a callback', viaCallback((done) => setImmediate(done, null, 42))],
      ['a callback with an error', viaCallback((done) => setImmediate(done, FAILURE)), true],
      ['a callback at once', viaCallback((done) => done(null, 42))],
      ['a callback that comes with a throw', viaCallback(fails), true],
    ]
    for (const [name, publish, failed = false] of styles) {
      const outcome = (message: Message) =>
        failed ? failureOf(() => publish(message)) : Promise.resolve(publish(message))
      it(`makes one span of ${name}`, async () => {
        start()
        assert.equal(await outcome({ query: 'select' }), failed ? FAILURE : 42)
        const [span] = tracer.spans
        assert.equal(tracer.spans.length, 1)
        assert.deepEqual([span!.name, span!.resource, span!.type], ['db.query', 'select', 'sql'])
        assert.equal(span!.service, 'shop-db')
        assert.equal(span!.error, failed ? 1 : 0)
        assert.equal(tagsOf(span!)['error.message'], failed ? 'no answer' : undefined)
        assert.equal(tagsOf(span!)['result'], failed ? 'undefined' : '42')
        assert.deepEqual(said, [])
      })

      it(`passes ${name} on when every step of the plugin fails, and says each once`, async () => {
        const fault = () => {
          throw new TypeError('of the plugin')
        }
        start({ start: fault })
        assert.equal(await outcome({ query: 'select' }), failed ? FAILURE : 42)
        assert.equal(await outcome({ query: 'select' }), failed ? FAILURE : 42)
        assert.equal(said.length, 1)
        assert.match(
          said[0]!,
          /^the db plugin failed in tracing:dd-test:query:start \(TypeError at test\/plugin\/channels\.test\.js:\d+\); the call itself is not affected$/,
        )
        stop!()
        start({ before: fault, finish: fault })
        assert.equal(await outcome({ query: 'select' }), failed ? FAILURE : 42)
        assert.equal(tracer.spans.length, 1, 'the span finishes all the same')
        assert.equal(said.length, 2)
      })
    }

    it('keeps calls at the same time apart', async () => {
      start()
      const answer = async (query: string, turns: number): Promise<string> => {
        for (let turn = 0; turn < turns; turn++) await new Promise((resolve) => setImmediate(resolve))
        return query
      }
      const ask = (query: string, turns: number) => publisher.tracePromise(() => answer(query, turns), { query })
      await Promise.all([ask('slow', 3), ask('fast', 1), ask('middle', 2)])
      assert.deepEqual(
        tracer.spans.map((span) => [span.resource, tagsOf(span)['result']]),
        ['fast', 'middle', 'slow'].map((query) => [query, query]),
      )
    })

    it("ends before the program's callback runs", async () => {
      start()
      const open = await new Promise((resolve) =>
        publisher.traceCallback(
          ((done: () => void) => setImmediate(done)) as never,
          0,
          { query: 'select' },
          null,
          (() => resolve(tracer.spans.length)) as never,
        ),
      )
      assert.equal(open, 1)
    })

    it('is a child of the active span and does not become active itself', async () => {
      start()
      const parent = tracer.startSpan('parent')
      const inside = tracer
        .scope()
        .activate(parent, () => publisher.traceSync(() => tracer.activeSpan, { query: 'select' }))
      assert.equal(inside, parent)
      assert.equal(tracer.spans.length, 0, 'the trace goes on')
      parent.finish()
      assert.deepEqual(tracer.names, [['db.query', 'parent']])
    })

    it('takes its service from the options, and what `before` adds', () => {
      start(
        { before: (span, _message, headers) => span.put('headers', Object.keys(headers()).length) },
        { service: 'orders' },
      )
      publisher.traceSync(() => 1, { query: 'select' })
      assert.equal(tracer.spans[0]!.service, 'orders')
      assert.ok((tagsOf(tracer.spans[0]!)['headers'] as number) > 0)
    })

    const passes: [name: string, run: (call: () => unknown) => unknown, query?: string][] = [
      ['what the plugin does not want', (call) => call(), 'skip'],
      ['its own traffic', (call) => tracer.scopeOrNothing!.run(MUTED_CONTEXT, call)],
      ['everything after the tracer was shut down', (call) => tracer.shutdown().then(call)],
      ['everything after it was stopped', (call) => [stop!(), call()]],
    ]
    for (const [name, run, query = 'select'] of passes) {
      it(`lets ${name} pass`, async () => {
        start()
        let result: unknown
        await run(() => {
          result = publisher.traceSync(() => 42, { query })
        })
        assert.equal(result, 42)
        assert.deepEqual(tracer.spans, [])
      })
    }

    it('has no subscribers left after it was stopped', () => {
      start()
      const channels = [publisher.start, publisher.end, publisher.asyncStart, publisher.error]
      assert.deepEqual(
        channels.map(({ hasSubscribers }) => hasSubscribers),
        [true, true, true, true],
      )
      stop!()
      for (const one of [...channels, publisher.asyncEnd]) assert.equal(one.hasSubscribers, false)
    })

    it('forgets a call that began before it was stopped', async () => {
      start()
      const promise = publisher.tracePromise(() => sleep(1, 42), { query: 'select' })
      stop!()
      assert.equal(await promise, 42)
      assert.deepEqual(tracer.spans, [])
    })
  })

  describe('of plain names', () => {
    const names: Required<PlainChannels> = {
      start: 'dd-test:start',
      progress: 'dd-test:progress',
      finish: 'dd-test:finish',
      error: 'dd-test:error',
    }
    interface Plain {
      readonly request: { readonly path: string }
      readonly status?: number
      readonly error?: unknown
    }
    const plain: ChannelOperation = {
      name: 'client.request',
      kind: 'client',
      key: ({ request }: Plain) => request,
      start: ({ request }: Plain) => ({ resource: request.path }),
      progress: (span, { status }: Plain) => span.put('status', status ?? 0),
      finish: (span, message: Plain) => span.put('finished by', 'error' in message ? 'error' : 'finish'),
    }
    const publish = (name: keyof PlainChannels, message: Plain) => channel(names[name]).publish(message)
    const start = (more: Partial<ChannelOperation> = {}) => {
      stop = listen({ module: 'client', channel: names, operation: { ...plain, ...more } }, 'client', {}, tracer)
    }

    it('makes one span of the messages that share a key', () => {
      start()
      const [a, b] = [{ path: '/a' }, { path: '/b' }]
      publish('start', { request: a })
      publish('start', { request: b })
      publish('progress', { request: a, status: 200 })
      publish('finish', { request: b })
      publish('error', { request: a, error: FAILURE })
      assert.deepEqual(
        tracer.spans.map((span) => [span.resource, span.error, tagsOf(span)['status'], tagsOf(span)['finished by']]),
        [
          ['/b', 0, undefined, 'finish'],
          ['/a', 1, 200, 'error'],
        ],
      )
      assert.equal(tagsOf(tracer.spans[1]!)['error.message'], 'no answer')
    })

    it('ignores messages of calls that it has not seen begin, or that have ended', () => {
      start()
      const request = { path: '/late' }
      for (const name of ['progress', 'error', 'finish'] as const) publish(name, { request })
      publish('start', { request })
      publish('finish', { request })
      for (const name of ['progress', 'error', 'finish'] as const) publish(name, { request })
      assert.equal(tracer.spans.length, 1)
      assert.deepEqual(said, [])
    })

    it('survives a fault in every step, says each once, and finishes the span', () => {
      const fault = () => {
        throw new TypeError('of the plugin')
      }
      start({ before: fault, progress: fault, finish: fault })
      for (let round = 0; round < 2; round++) {
        const request = { path: '/' }
        publish('start', { request })
        publish('progress', { request })
        publish('finish', { request })
      }
      assert.equal(tracer.spans.length, 2)
      assert.deepEqual(
        said.map((line) => /failed in (\S+)/.exec(line)?.[1]),
        [names.start, names.progress, names.finish],
      )
      stop!()
      start({ key: () => 7 as never })
      for (const name of ['start', 'progress', 'finish', 'error'] as const) publish(name, { request: { path: '/' } })
      assert.equal(tracer.spans.length, 2)
    })

    it('survives a message of nothing', () => {
      start()
      for (const name of Object.keys(names) as (keyof PlainChannels)[]) publish(name, undefined as never)
      assert.deepEqual(tracer.spans, [])
    })

    it('listens to nothing after it was stopped', () => {
      const listened = () => Object.values(names).map((name) => channel(name).hasSubscribers)
      start()
      assert.deepEqual(listened(), [true, true, true, true])
      stop!()
      assert.deepEqual(listened(), [false, false, false, false])
    })
  })
})
