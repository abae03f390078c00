// What the parts of the client have in common: how a method asks, and what it resolves with. `swallow` and `jsonResponses` are dealt with
// here and nowhere else.

import { log } from '../base/log'
import type { Answer, ApiCaller, Call } from './api-caller'
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

export type Send = (call: Call) => Promise<Answer>

/**
 * Takes the value that a method promises out of a body, or out of a member of one.
 * @param answer what the body is of
 * @throws ClientError where it is not there
 */
export type Take<T> = (body: unknown, answer: Answer) => T

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
   * @param take default: the whole body
   * @internal
   */
  protected ask<T>(call: Call, take: Take<T> = (body) => body as T): Promise<Result<T, M>> {
    return this.run<T>(async (send, isWhole) => {
      const answer = await send(call)
      return isWhole ? ((answer.body ?? {}) as T) : taken(take, answer)
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
function taken<T>(take: Take<T>, answer: Answer): T {
  try {
    return take(answer.body, answer)
  } catch (error) {
    throw error instanceof DatadogError ? error : uselessAnswer(answer, 'what was expected')
  }
}

/** A member of a body; without it a success is of no use. */
export function member<T>(name: string): Take<T> {
  return (body, answer) => {
    const value = typeof body === 'object' && body !== null ? (body as Record<string, unknown>)[name] : undefined
    if (value !== undefined && value !== null) return value as T
    throw uselessAnswer(answer, name)
  }
}

/** A member that is a list of objects. */
export function items<T>(name: string): Take<T[]> {
  return (body, answer) => objects(member(name)(body, answer), answer, name)
}

/** @param name of what is missing if it is none */
export function objects<T>(value: unknown, answer: Answer, name: string): T[] {
  if (Array.isArray(value) && value.every((one) => typeof one === 'object' && one !== null)) return value
  throw uselessAnswer(answer, name)
}

/** @param missing what a success needs to be one */
export function uselessAnswer({ verb, path, status }: Answer, missing: string): ClientError {
  const why = `${verb} ${path} was answered by a success without ${missing}`
  return new ClientError(why, 'invalid_response', { status })
}
