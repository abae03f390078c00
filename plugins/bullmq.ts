// Jobs by `bullmq`: adding them, alone, in bulk or as a flow, and processing them, in one trace.
//
// The context travels in what BullMQ keeps with a job for telemetry, under a key of its own. A program that has given BullMQ a
// telemetry of its own keeps that to itself: what is set there would take its place.

import { definePlugin, type Operation, type Patcher, type PluginOptions, type SpanTemplate } from '../src/plugin'

interface BullmqOptions extends PluginOptions {
  /** Whether adding this job is traced. */
  readonly producerFilter?: (job: NewJob) => boolean
}

interface NewJob {
  readonly name: string
  readonly data?: unknown
  readonly opts?: JobOptions | undefined
  readonly queueName?: string
  readonly children?: readonly NewJob[] | undefined
}

interface JobOptions {
  readonly telemetry?: { readonly metadata?: string; readonly omitContext?: boolean } | undefined
}

interface Producer {
  add(...args: unknown[]): unknown
  addBulk(...args: unknown[]): unknown
  readonly name?: string
  readonly opts?: { readonly telemetry?: unknown }
}

interface Worker {
  run(): unknown
  callProcessJob(job: NewJob, ...rest: unknown[]): unknown
}

type Exported<Name extends string, Class> = Record<Name, { prototype: Class }>

const CONTEXT = '_datadog'

const added = { name: 'bullmq.add', kind: 'producer', system: 'bullmq' } as const satisfies SpanTemplate
const processed = {
  name: 'bullmq.processJob',
  type: 'worker',
  kind: 'consumer',
  system: 'bullmq',
} as const satisfies SpanTemplate

/** What adds jobs: how it finds them in its arguments, and how it puts them back. */
interface Adding {
  read(args: unknown[]): readonly NewJob[]
  write(args: unknown[], jobs: readonly NewJob[]): void
}

const nameDataAndOptions: Adding = {
  read: ([name, data, opts]) => [{ name: name as string, data, opts: opts as JobOptions | undefined }],
  write(args, [job]) {
    args[2] = job?.opts
  },
}

const list: Adding = {
  read: ([jobs]) => jobs as readonly NewJob[],
  write(args, jobs) {
    args[0] = jobs
  },
}

const flow: Adding = {
  read: ([job]) => [job as NewJob],
  write(args, [job]) {
    args[0] = job
  },
}

function adding({ read, write }: Adding, { options }: Patcher<BullmqOptions>): Operation<Producer, unknown[]> {
  const isWanted = (job: NewJob) => options.producerFilter === undefined || options.producerFilter(job)
  return {
    ...added,
    start(producer, args) {
      const jobs = read(args)
      const queue = producer.name ?? jobs[0]?.queueName
      if (queue === undefined || !jobs.some(isWanted)) return undefined
      return {
        resource: queue,
        tags: {
          ...tagsOf(queue, 'publish'),
          'messaging.batch.message_count': list.read === read ? jobs.length : undefined,
        },
      }
    },
    before(_span, args, { opts }, headers) {
      if (opts?.telemetry !== undefined) return
      const metadata = JSON.stringify({ [CONTEXT]: headers() })
      write(
        args,
        read(args).map((job) => (isWanted(job) ? withContext(job, metadata) : job)),
      )
    },
  }
}

/** A copy of the job, and of the jobs of its flow, with the context of who adds it. */
function withContext(job: NewJob, metadata: string): NewJob {
  const telemetry = job.opts?.telemetry
  const isTaken = telemetry?.metadata !== undefined || telemetry?.omitContext === true
  return {
    ...job,
    opts: isTaken ? job.opts : { ...job.opts, telemetry: { ...telemetry, metadata } },
    ...(job.children && { children: job.children.map((child) => withContext(child, metadata)) }),
  }
}

function tagsOf(queue: string, operation: string): Record<string, string> {
  return { 'messaging.system': 'bullmq', 'messaging.destination.name': queue, 'messaging.operation': operation }
}

function processing({ tracer }: Patcher): Operation<Worker & { name: string }, [NewJob]> {
  return {
    ...processed,
    start({ name }, [{ opts }]) {
      const metadata = opts?.telemetry?.metadata
      // Somebody else's telemetry need not be JSON.
      const carrier = metadata?.includes(`"${CONTEXT}"`)
        ? (JSON.parse(metadata) as Record<string, object>)[CONTEXT]
        : {}
      return {
        resource: name,
        tags: tagsOf(name, 'process'),
        parent: tracer.extract('text_map', (carrier ?? {}) as Record<string, string>) ?? null,
      }
    },
  }
}

const versions = '>=5.66.0 <7'

export default definePlugin({
  name: 'bullmq',
  hooks: [
    {
      module: 'bullmq',
      versions,
      file: ['dist/cjs/classes/queue.js', 'dist/esm/classes/queue.js'],
      patch({ Queue }: Exported<'Queue', Producer>, patcher: Patcher<BullmqOptions>) {
        patcher.trace(Queue.prototype, 'add', adding(nameDataAndOptions, patcher))
        patcher.trace(Queue.prototype, 'addBulk', adding(list, patcher))
      },
    },
    {
      module: 'bullmq',
      versions,
      file: ['dist/cjs/classes/flow-producer.js', 'dist/esm/classes/flow-producer.js'],
      patch({ FlowProducer }: Exported<'FlowProducer', Producer>, patcher: Patcher<BullmqOptions>) {
        patcher.trace(FlowProducer.prototype, 'add', adding(flow, patcher))
        patcher.trace(FlowProducer.prototype, 'addBulk', adding(list, patcher))
      },
    },
    {
      module: 'bullmq',
      versions,
      file: ['dist/cjs/classes/worker.js', 'dist/esm/classes/worker.js'],
      patch({ Worker }: Exported<'Worker', Worker & { name: string }>, patcher: Patcher) {
        patcher.trace(Worker.prototype, 'callProcessJob', processing(patcher))
        // A worker outlives the request that happens to make it.
        patcher.wrap(Worker.prototype, 'run', (original) => {
          return {
            rooted(this: Worker, ...args: unknown[]) {
              return patcher.run(undefined, original, this, args)
            },
          }.rooted
        })
      },
    },
  ],
})
