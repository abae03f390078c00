// The bullmq plugin against a real Redis: a job is added and processed in one trace, and the program cannot tell.

import { strict as assert } from 'node:assert'
import type { EventEmitter } from 'node:events'
import { type PluginSetting, tracer } from '../../src'
import { describeWith, redis } from '../services'
import { childrenOf, find, type ReceivedSpan } from '../support/agent'
import { type CallStyle, describeCallStyles } from '../support/call-styles'
import { describeLibrary } from '../support/library'
import { Tracing } from '../support/tracing'

interface Job {
  readonly id: string
  readonly name: string
  readonly data: unknown
  readonly opts: { telemetry?: { metadata?: string } }
}

interface NewJob {
  name: string
  data: unknown
  opts?: object
  queueName?: string
  children?: NewJob[]
}

interface Queue extends EventEmitter {
  add(name: string, data: unknown, opts?: object): Promise<Job>
  addBulk(jobs: NewJob[]): Promise<Job[]>
  obliterate(options: object): Promise<void>
  close(): Promise<void>
}

interface Worker extends EventEmitter {
  waitUntilReady(): Promise<unknown>
  close(): Promise<void>
}

interface FlowProducer extends EventEmitter {
  add(flow: NewJob): Promise<{ job: Job }>
  addBulk(flows: NewJob[]): Promise<{ job: Job }[]>
  close(): Promise<void>
}

interface Bullmq {
  Queue: new (name: string, options: object) => Queue
  Worker: new (name: string, processor: (job: Job) => unknown, options: object) => Worker
  FlowProducer: new (options: object) => FlowProducer
}

interface Subject {
  readonly queue: Queue
  readonly flows: FlowProducer
}

interface Row extends CallStyle<Subject> {
  readonly count?: number
  readonly error?: RegExp
  readonly untraced?: boolean
}

const NAME = 'dd-test'

const isJob = ({ name, data }: Job) => ({ name, data })
const FLOW: NewJob = Object.freeze({
  name: 'parent',
  queueName: NAME,
  data: 1,
  children: [{ name: 'child', queueName: NAME, data: 2 }],
})

// What is added has the context in its options, as a request has it in its headers; the rest is the same.
const rows: Row[] = [
  { name: 'a job', run: ({ queue }) => queue.add('one', { a: 1 }).then(isJob) },
  {
    name: 'a job with options that are frozen',
    run: ({ queue }) => queue.add('one', null, Object.freeze({ delay: 100_000, attempts: 2 })).then(isJob),
  },
  {
    name: 'jobs in bulk',
    run: ({ queue }) =>
      queue
        .addBulk(Object.freeze([Object.freeze({ name: 'one', data: 1 }), { name: 'two', data: 2 }]) as NewJob[])
        .then((jobs) => jobs.map(isJob)),
    count: 2,
  },
  { name: 'no jobs in bulk', run: ({ queue }) => queue.addBulk([]), untraced: true },
  { name: 'a flow', run: ({ flows }) => flows.add(FLOW).then(({ job }) => isJob(job)) },
  {
    name: 'flows in bulk',
    run: ({ flows }) => flows.addBulk([FLOW, FLOW]).then((all) => all.map(({ job }) => isJob(job))),
    count: 2,
  },
  { name: 'a job that is refused', run: ({ queue }) => queue.add('one', 1, { jobId: '0' }), error: /JobId cannot/ },
  {
    name: 'a job that is refused and nobody handles it',
    run({ queue }, probe) {
      void queue.add('one', 1, { jobId: '0' })
      return probe.unhandled()
    },
    error: /JobId cannot/,
  },
  { name: 'a job that cannot be written', run: ({ queue }) => queue.add('one', 1n), error: /BigInt/ },
]

describeWith(redis, 'bullmq', (server) => {
  const majors = { 5: ['5.66.0', '5.81.5'], 6: ['6.0.0', '6.7.0'] } as const
  // 6 leaves it to the program which client there is.
  const beside = (major: number): Record<string, string> => (major < 6 ? {} : { ioredis: '5.11.1' })
  describeLibrary('bullmq', { name: 'bullmq', majors, beside }, (library) => {
    let tracing: Tracing
    const connection = () => {
      const { hostname, port } = new URL(server().url)
      return { host: hostname, port: Number(port), maxRetriesPerRequest: null }
    }
    const open = () => {
      const { Queue, FlowProducer } = library.load<Bullmq>()
      const options = { connection: connection() }
      return { queue: new Queue(NAME, options), flows: new FlowProducer(options) }
    }
    const close = async ({ queue, flows }: Subject) => {
      await queue.obliterate({ force: true })
      await Promise.all([queue.close(), flows.close()])
    }

    describeCallStyles<Subject, Row>('asked to add', rows, {
      without: { open, close },
      with: {
        before: async () => {
          tracing = await Tracing.start({ bullmq: true })
        },
        open: () => {
          tracing.clear()
          return open()
        },
        async check({ count, error, untraced = false }) {
          const spans = await tracing.spans()
          if (untraced) return assert.deepEqual(spans, [])
          assert.equal(spans.length, 1)
          const [span] = spans
          assert.equal(span!.name, 'bullmq.add')
          checkTags(span!, 'producer', 'publish')
          assert.equal(span!.metrics['messaging.batch.message_count'], count)
          assert.equal(span!.error, error === undefined ? 0 : 1)
          if (error !== undefined) assert.match(span!.meta['error.message'] ?? '', error)
          return undefined
        },
        close,
        after: () => tracing.stop(),
      },
    })

    describe('in a program', () => {
      let subject: Subject

      /** Runs a worker until it has finished `count` jobs, of which it gives the names. */
      const work = async (count: number, processor: (job: Job) => unknown) => {
        const { Worker } = library.load<Bullmq>()
        const worker = new Worker(NAME, processor, { connection: connection(), concurrency: 5 })
        const names: string[] = []
        await new Promise<void>((resolve) => {
          const ended = ({ name }: Job) => {
            names.push(name)
            if (names.length === count) resolve()
          }
          worker.on('completed', ended)
          worker.on('failed', ended)
        })
        await worker.close()
        return names
      }
      const start = async (setting: PluginSetting = true) => {
        tracing = await Tracing.start({ bullmq: setting })
        subject = open()
      }
      afterEach(async () => {
        await close(subject)
        await tracing.stop()
      })

      it('processes each of 20 jobs in the trace of the request that added it', async () => {
        await start()
        await Promise.all(
          Array.from({ length: 20 }, (_, n) =>
            tracer.trace('request', { resource: `r${n}` }, () => subject.queue.add(`job-${n}`, n)),
          ),
        )
        // The request that makes the worker is not the parent of what it does.
        await tracer.trace('start', () =>
          work(20, (job) => tracer.trace('inside', { resource: job.name }, async () => job.data)),
        )
        const spans = await tracing.spans()
        for (let n = 0; n < 20; n++) {
          const request = find(spans, { name: 'request', resource: `r${n}` })
          const [add, ...none] = childrenOf(request, spans)
          assert.deepEqual(none, [])
          const [processed] = childrenOf(add!, spans)
          assert.equal(processed!.name, 'bullmq.processJob')
          assert.equal(processed!.type, 'worker')
          checkTags(processed!, 'consumer', 'process')
          assert.deepEqual(
            childrenOf(processed!, spans).map(({ resource }) => resource),
            [`job-${n}`],
          )
        }
        assert.equal(spans.length, 81)
      })

      it('joins the jobs of bulks and flows', async () => {
        await start()
        await tracer.trace('request', async () => {
          await subject.queue.addBulk([
            { name: 'one', data: 1 },
            { name: 'two', data: 2 },
          ])
          await subject.flows.add(FLOW)
          await subject.flows.addBulk([FLOW])
        })
        const names = await work(6, () => 'done')
        assert.deepEqual(names.sort(), ['child', 'child', 'one', 'parent', 'parent', 'two'])
        const spans = await tracing.spans()
        const adds = childrenOf(find(spans, 'request'), spans)
        assert.deepEqual(
          adds.map((add) => childrenOf(add, spans).map(({ name }) => name)),
          [2, 2, 2].map((count) => Array.from({ length: count }, () => 'bullmq.processJob')),
        )
      })

      it('has the error of a job that fails, at once or later', async () => {
        await start()
        await subject.queue.add('at once', 1)
        await subject.queue.add('later', 2)
        await work(2, ({ name }) => {
          if (name === 'at once') throw new Error('no at once')
          return Promise.reject(new Error('no later'))
        })
        const spans = (await tracing.spans()).filter(({ name }) => name === 'bullmq.processJob')
        assert.deepEqual(spans.map(({ meta }) => meta['error.message']).sort(), ['no at once', 'no later'])
        assert.ok(spans.every(({ error }) => error === 1))
      })

      it('begins a trace for a job that nobody has traced, or somebody else', async () => {
        await start(false)
        await subject.queue.add('untraced', 1)
        await subject.queue.add('of others', 1, { telemetry: { metadata: 'not { JSON' } })
        await Promise.all([subject.queue.close(), subject.flows.close()])
        await tracing.stop()
        await start()
        await work(2, () => 'done')
        const spans = await tracing.spans()
        assert.equal(spans.length, 2)
        for (const span of spans) assert.equal(Number(span.parent_id), 0)
      })

      it('leaves the metadata of others alone', async () => {
        await start()
        const given = await subject.queue.add('given', 1, { telemetry: { metadata: 'mine' } })
        const omitted = await subject.queue.add('omitted', 1, { telemetry: { omitContext: true } })
        const plain = await subject.queue.add('plain', 1)
        assert.equal(given.opts.telemetry?.metadata, 'mine')
        assert.deepEqual(omitted.opts.telemetry, { omitContext: true })
        assert.match(plain.opts.telemetry?.metadata ?? '', /^\{"_datadog":\{.*"x-datadog-trace-id"/)
      })

      it('does not trace the jobs that the filter leaves out', async () => {
        const seen: unknown[] = []
        await start({
          producerFilter: (job: NewJob) => {
            seen.push([job.name, job.data])
            return job.name !== 'quiet'
          },
        })
        const quiet = await subject.queue.add('quiet', 1)
        assert.equal(quiet.opts.telemetry, undefined)
        const [one, two] = await subject.queue.addBulk([
          { name: 'quiet', data: 2 },
          { name: 'loud', data: 3 },
        ])
        assert.equal(one!.opts.telemetry, undefined)
        assert.ok(two!.opts.telemetry)
        assert.deepEqual(seen[0], ['quiet', 1])
        assert.equal((await tracing.spans()).length, 1)
      })

      it('takes its service from the options', async () => {
        await start({ service: 'jobs' })
        await subject.queue.add('one', 1)
        const [span] = await tracing.spans()
        assert.equal(span!.service, 'jobs')
        assert.equal(span!.meta['_dd.base_service'], 'test')
      })

      it('has the commands of adding inside, and those of the worker nowhere in the trace', async () => {
        tracing = await Tracing.start({ bullmq: true, ioredis: true })
        subject = open()
        await tracer.trace('request', async () => {
          await subject.queue.add('one', 1)
          await work(1, () => 'done')
        })
        const spans = await tracing.spans()
        const request = find(spans, 'request')
        // Closing the worker is the request's doing.
        const names = childrenOf(request, spans).map(({ name, resource }) => `${name} ${resource}`)
        assert.ok(names.includes(`bullmq.add ${NAME}`))
        assert.ok(!names.some((name) => /bzpopmin|evalsha/.test(name)), names.join())
        const add = find(spans, 'bullmq.add')
        assert.ok(childrenOf(add, spans).some(({ name }) => name === 'redis.command'))
      })
    })

    it('leaves the library as it was, before and after', async () => {
      const { Queue, Worker, FlowProducer } = library.load<Record<keyof Bullmq, { prototype: object }>>()
      const methods = [
        [Queue.prototype, 'add'],
        [Queue.prototype, 'addBulk'],
        [FlowProducer.prototype, 'add'],
        [FlowProducer.prototype, 'addBulk'],
        [Worker.prototype, 'callProcessJob'],
        [Worker.prototype, 'run'],
      ] as const
      const snapshot = () => methods.map(([target, method]) => (target as Record<string, () => void>)[method]!)
      const original = snapshot()
      tracing = await Tracing.start({ bullmq: false })
      assert.deepEqual(snapshot(), original)
      await tracing.stop()
      tracing = await Tracing.start({ bullmq: true })
      snapshot().forEach((patched, index) => {
        assert.notEqual(patched, original[index])
        assert.equal(patched.name, original[index]!.name)
        assert.equal(patched.length, original[index]!.length)
      })
      await tracing.stop()
      assert.deepEqual(snapshot(), original)
    })
  })
})

function checkTags(span: ReceivedSpan, kind: string, operation: string): void {
  assert.equal(span.resource, NAME)
  assert.equal(span.service, 'test-bullmq')
  assert.equal(span.meta['component'], 'bullmq')
  assert.equal(span.meta['_dd.integration'], 'bullmq')
  assert.equal(span.meta['_dd.svc_src'], 'bullmq')
  assert.equal(span.meta['span.kind'], kind)
  assert.equal(span.meta['messaging.system'], 'bullmq')
  assert.equal(span.meta['messaging.destination.name'], NAME)
  assert.equal(span.meta['messaging.operation'], operation)
}
