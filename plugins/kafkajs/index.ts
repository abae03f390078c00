// Kafka by `kafkajs`: what producers send carries the trace in the headers of each message, and the program's `eachMessage` goes on
// with it. A batch comes from many traces: `eachBatch` begins one of its own, with links.
//
// Producers and consumers are plain objects made by the client's methods, which are what can be patched.

import { belongs, definePlugin, mimic, type Operation, type Patcher } from '../../src/plugin'
import { type Client, type Cluster, clusterOf } from './cluster'
import { batches, type Handlers, messages } from './consuming'
import { sends } from './producing'

type Method = (...args: unknown[]) => unknown

interface Producer {
  send: Method
  sendBatch: Method
  transaction?: Method
}

interface Consumer {
  run: Method
}

/** In place, on an object of the library's own; undoing the plugin makes it pass everything through. */
function replace<K extends string>(
  owner: { [key in K]?: Method },
  method: K,
  make: (original: Method) => Method,
): void {
  const original = owner[method]
  if (original !== undefined) owner[method] = mimic(make(original), original)
}

function traced(patcher: Patcher, operation: Operation<object, never>, original: unknown): unknown {
  return typeof original === 'function' ? patcher.traced(original as Method, operation) : original
}

function traceSends(sender: Producer, cluster: Cluster | undefined, patcher: Patcher): void {
  const { send, sendBatch } = sends(cluster, sender)
  replace(sender, 'send', patcher.tracing(send))
  replace(sender, 'sendBatch', patcher.tracing(sendBatch))
  replace(sender, 'transaction', (original) => (...args) => {
    const begun = original(...args) as Promise<Producer>
    return begun.then((transaction) => {
      patcher.guarded('transaction', () => {
        belongs(transaction, sender)
        traceSends(transaction, cluster, patcher)
      })
      return transaction
    })
  })
}

function traceRun(consumer: Consumer, cluster: Cluster | undefined, patcher: Patcher): void {
  replace(consumer, 'run', (original) => (...args) => {
    const handlers = args[0] as Handlers | undefined
    const replaced = patcher.guarded('run', () => ({
      ...handlers,
      eachMessage: traced(patcher, messages(patcher.tracer, cluster, consumer), handlers?.eachMessage),
      eachBatch: traced(patcher, batches(patcher.tracer, cluster, consumer), handlers?.eachBatch),
    }))
    return handlers === undefined || replaced === undefined ? original(...args) : original(replaced)
  })
}

/** Instruments what a factory method of the client makes. */
function patchFactory<Made extends object>(
  client: Client,
  method: 'producer' | 'consumer',
  patcher: Patcher,
  instrument: (made: Made, cluster: Cluster | undefined, patcher: Patcher) => void,
): void {
  patcher.wrap(client, method, (original) => {
    return {
      make(this: Client, ...args: unknown[]) {
        const watched = patcher.guarded('cluster', () => clusterOf(this))
        const made = Reflect.apply(original, watched?.client ?? this, args) as Made
        patcher.guarded(method, () => {
          belongs(made, this)
          instrument(made, watched?.cluster, patcher)
        })
        return made
      },
    }.make
  })
}

export default definePlugin({
  name: 'kafkajs',
  hooks: [
    {
      module: 'kafkajs',
      versions: '>=1.4.5 <3',
      file: 'src/index.js',
      patch({ prototype }: { prototype: Client }, patcher: Patcher) {
        patchFactory(prototype, 'producer', patcher, traceSends)
        patchFactory(prototype, 'consumer', patcher, traceRun)
      },
    },
  ],
})
