// Subscriptions: a span around each call of the program's callback. What is read by `for await` has a span from one message to the
// next; the loop's body runs in its own context, which nobody else can change.

import { type AnyFunction, hiddenField, mimic, type Operation, type Patcher } from '../../src/plugin'
import { headersBy } from '../message-headers'
import { type Connection, describe, isInternal, MESSAGE } from './subject'

interface Message {
  readonly subject?: string
  readonly headers?: { get(name: string): string }
}

type Delivery = Operation<object, [error: unknown, message: Message | undefined]>

const deliveries = hiddenField<Delivery>()

function deliveriesOf(connection: Connection, subject: unknown, { tracer }: Patcher): Delivery {
  return {
    ...MESSAGE,
    name: 'nats.consume',
    v1Name: 'nats.process',
    kind: 'consumer',
    type: 'worker',
    pinOn: () => connection,
    start(_subscription, [error, message]) {
      if (error || message?.subject === undefined) return undefined
      const { headers } = message
      // Without a producer's it begins a trace of its own: what is active is where somebody connected.
      const parent =
        headers &&
        tracer.extract(
          'text_map',
          headersBy((name) => headers.get(name)),
        )
      return { ...describe(connection, 'process', message.subject, subject), parent: parent ?? null }
    },
  }
}

export function subscribesIn(patcher: Patcher): (original: AnyFunction) => AnyFunction {
  return (original) =>
    ({
      subscribe(this: Connection, ...args: unknown[]) {
        const [subject, options] = args as [unknown, { readonly callback?: unknown } | undefined]
        const delivery = patcher.guarded('subscribe', () =>
          isInternal(this, subject) ? undefined : deliveriesOf(this, subject, patcher),
        )
        const callback = options?.callback
        if (delivery !== undefined && typeof callback === 'function') {
          args[1] = { ...options, callback: patcher.traced(callback as AnyFunction, delivery) }
        }
        const subscription = Reflect.apply(original, this, args) as object
        if (delivery !== undefined) deliveries.set(subscription, delivery)
        return subscription
      },
    }).subscribe
}

export function iteratesIn(patcher: Patcher): (original: AnyFunction) => AnyFunction {
  return (original) =>
    ({
      iterate(this: object, ...args: unknown[]) {
        const iterator = Reflect.apply(original, this, args) as AsyncIterator<Message>
        const delivery = deliveries.get(this)
        if (delivery !== undefined) patcher.guarded('iterate', () => watch(iterator, delivery, patcher))
        return iterator
      },
    }).iterate
}

/** Each step of the loop ends the span of the message before. */
function watch(iterator: AsyncIterator<Message>, delivery: Delivery, patcher: Patcher): void {
  let end: (() => void) | undefined
  const handOver = patcher.tracing({ ...delivery, activate: false })(
    () =>
      new Promise<void>((resolve) => {
        end = resolve
      }),
  )
  for (const step of ['next', 'return', 'throw'] as const) {
    const original = iterator[step] as (...args: unknown[]) => Promise<IteratorResult<Message>>
    const traced = async (...args: unknown[]) => {
      patcher.guardedEnd('step', () => end?.())
      const result = await Reflect.apply(original, iterator, args)
      if (step === 'next' && !result.done) patcher.guarded('message', () => handOver(undefined, result.value))
      return result
    }
    Object.defineProperty(iterator, step, { value: mimic(traced, original), configurable: true, writable: true })
  }
}
