// Turns the messages of native diagnostics channels into spans.
//
// Subscribing patches nothing and does not care what was loaded first. Such spans are not made active: a plain channel
// cannot carry a context, and what a driver does inside is not traced. The messages of one call find their span by an
// object that they share.

import { subscribe, unsubscribe } from 'node:diagnostics_channel'
import { pinsAreThere } from '../trace/pin'
import type { Span } from '../trace/span'
import type { Tracer } from '../trace/tracer'
import type { ChannelHook, PlainChannels, PluginOptions } from './contract'
import { Guard } from './guard'
import { Opener } from './opener'

type Step = (message: never) => void

/** Subscribes; returns the function that unsubscribes. */
export function listen(hook: ChannelHook, plugin: string, options: PluginOptions, tracer: Tracer): () => void {
  const described = typeof hook.operation === 'function' ? hook.operation(options as never) : hook.operation
  const guard = new Guard(plugin)
  const opener = new Opener(tracer, plugin, described, options)
  const operation = opener.withPeer(described)
  const spans = new WeakMap<object, Span>()
  const keyOf = (message: never): object => operation.key?.(message) ?? message

  function start(message: never): void {
    const scope = tracer.scopeOrNothing
    if (scope === undefined) return
    const caller = scope.active()
    if (caller.muted) return
    const pin = pinsAreThere() ? opener.pinOf(operation.pinOn?.(message), undefined, caller) : undefined
    if (pin?.tracer?.isEnabled === false) return
    const started = operation.start(message)
    if (started === undefined) return
    const span = opener.open(started, pin)
    spans.set(keyOf(message), span)
    operation.before?.(span, message, () => opener.headers(span))
  }

  function progress(message: never): void {
    const span = spans.get(keyOf(message))
    if (span !== undefined) operation.progress?.(span, message)
  }

  function finish(message: never): void {
    const key = keyOf(message)
    const span = spans.get(key)
    if (span === undefined) return
    spans.delete(key)
    try {
      operation.finish?.(span, message)
    } finally {
      span.finish()
    }
  }

  function fail(message: { error?: unknown }): void {
    const { error } = message
    if (operation.isError?.(error) ?? true) spans.get(keyOf(message as never))?.setError(error)
  }

  const steps: [name: string, step: Step][] =
    typeof hook.channel === 'string'
      ? tracingSteps(hook.channel, { start, finish, fail })
      : plainSteps(hook.channel, { start, finish, fail, progress })
  const listeners = steps.map(([name, step]) => {
    const listener = (message: unknown) => {
      try {
        step(message as never)
      } catch (fault) {
        guard.report(name, fault)
      }
    }
    subscribe(name, listener)
    return () => void unsubscribe(name, listener)
  })
  return () => {
    for (const stop of listeners) stop()
  }
}

interface Steps {
  start: Step
  finish: Step
  fail: Step
  progress?: Step
}

function plainSteps(names: PlainChannels, { start, finish, fail, progress }: Steps): [string, Step][] {
  const failed: Step = (message) => {
    fail(message)
    finish(message)
  }
  const steps: [string, Step][] = [
    [names.start, start],
    [names.finish, finish],
    [names.error, failed],
  ]
  if (names.progress !== undefined && progress !== undefined) steps.push([names.progress, progress])
  return steps
}

/**
 * A TracingChannel (Node's documentation, "TracingChannel Channels"): a promise or callback publishes start, end, asyncStart,
 * asyncEnd; only what ended at once has its result or error on the message at `end`. At `asyncStart` the result is there; what
 * the program's callback does until `asyncEnd` is no longer the library's time.
 */
function tracingSteps(name: string, { start, finish, fail }: Steps): [string, Step][] {
  const endedAtOnce: Step = (message: object) => {
    if ('result' in message || 'error' in message) finish(message as never)
  }
  return [
    [`tracing:${name}:start`, start],
    [`tracing:${name}:end`, endedAtOnce],
    [`tracing:${name}:asyncStart`, finish],
    [`tracing:${name}:error`, fail],
  ]
}
