// What the parts of the client have in common: how a method asks, and what it resolves with. `swallow` and `jsonResponses` are dealt with
// here and nowhere else.

import { log } from '../base/log'
import { type ApiCaller, type Call, statusOf } from './api-caller'
import { ApiError, type ApiFailure, ClientError, DatadogError, failureOf } from './errors'
import type { MetricDefaults } from './metric-defaults'

/** What of the options changes what calls resolve with. */
export interface ApiModes {
  /**
   * Calls never reject for what went wrong with Datadog or the network, but resolve with `{ errors: [text] }`; a mistake in the call itself
   * still rejects. Default: true.
   */
  readonly swallow?: boolean | undefined
  /** Calls resolve with the whole answer. Default: false. */
  readonly jsonResponses?: boolean | undefined
}

/** What a call resolves with: `T`, or what the modes make of it. */
export type Result<T, M extends ApiModes> =
  | (M extends { readonly jsonResponses: true } ? unknown : T)
  | (M extends { readonly swallow: false } ? never : ApiFailure)

/** Makes a request, and resolves with the parsed body of its answer. */
export type Send = (call: Call) => Promise<unknown>

/** Takes the value that a method promises out of a body. */
export type Pick<T> = (body: unknown, call: Call) => T

export interface ResourceParts {
  readonly caller: ApiCaller
  readonly modes: ApiModes
  readonly defaults: MetricDefaults
  /** Runs a function so that nothing it starts is traced. */
  readonly mute: <T>(fn: () => T) => T
}

export abstract class Resource<M extends ApiModes> {
  /** @internal */
  protected readonly parts: ResourceParts

  /** @internal */
  constructor(parts: ResourceParts) {
    this.parts = parts
  }

  /**
   * Makes one request.
   * @param pick default: the whole body
   * @internal
   */
  protected ask<T>(call: Call, pick: Pick<T> = (body) => body as T): Promise<Result<T, M>> {
    return this.run<T>(async (send, isWhole) => {
      const body = await send(call)
      return isWhole ? ((body ?? {}) as T) : picked(pick, body, call)
    })
  }

  /**
   * Makes several.
   * @param work is told whether `jsonResponses` is on
   * @internal
   */
  protected async run<T>(work: (send: Send, isWhole: boolean) => Promise<T>): Promise<Result<T, M>> {
    const { caller, modes, mute } = this.parts
    try {
      return (await mute(() => work((call) => caller.call(call), modes.jsonResponses === true))) as Result<T, M>
    } catch (error) {
      if (!(error instanceof DatadogError) || modes.swallow === false) throw error
      log.atMostEveryMinute(`api ${error.name}`, () => `a call of Datadog's API failed: ${error.message}`)
      return failureOf(error instanceof ApiError ? error.errors : [error.message]) as Result<T, M>
    }
  }
}

/** What is wrong with an answer is no mistake of the call. */
function picked<T>(pick: Pick<T>, body: unknown, call: Call): T {
  try {
    return pick(body, call)
  } catch (error) {
    throw error instanceof DatadogError ? error : uselessAnswer(call, 'what was expected')
  }
}

/** A member of a body; without it a success is of no use. */
export function member<T>(name: string): Pick<T> {
  return (body, call) => {
    const value = typeof body === 'object' && body !== null ? (body as Record<string, unknown>)[name] : undefined
    if (value !== undefined && value !== null) return value as T
    throw uselessAnswer(call, name)
  }
}

/** A member that is a list of objects. */
export function items<T>(name: string): Pick<T[]> {
  return (body, call) => objects(member(name)(body, call), call, name)
}

/** @param name of what is missing if it is none */
export function objects<T>(value: unknown, call: Call, name: string): T[] {
  if (Array.isArray(value) && value.every((one) => typeof one === 'object' && one !== null)) return value
  throw uselessAnswer(call, name)
}

/** @param missing what a success needs to be one */
export function uselessAnswer(call: Call, missing: string): ClientError {
  const why = `${call.verb} ${call.path} was answered by a success without ${missing}`
  return new ClientError(why, 'invalid_response', { status: statusOf(call) ?? 200 })
}
