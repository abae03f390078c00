// Whether what was sent, and what a call came to, is what a vector says.

import { isDeepStrictEqual } from 'node:util'
import { DatadogError } from '../../../../src/api'
import { NotFollowed } from '../vector-case'
import type { Wanted, WireRequest } from './api-vector'
import { longAsText, parseLong, writeLong } from './long-integers'
import type { Received } from './vector-server'

export type Outcome = { readonly returned: unknown } | { readonly thrown: unknown }

export interface Keys {
  readonly apiKey: unknown
  readonly applicationKey: unknown
  /** Which of them go along; undefined where the vector does not say. */
  readonly auth: string | undefined
}

/** What is different, in words; undefined where nothing is. */
export function requestDifference(wanted: WireRequest, got: Received, keys: Keys): string | undefined {
  const { verb, path, query = {}, headers = {} } = wanted
  if (verb !== got.verb) return `expected ${verb}, got ${got.verb} ${got.path}`
  if (path !== got.path) return `expected ${verb} ${path}, got ${got.path}`
  const pairs = Object.entries(query).flatMap(([name, value]) => [value].flat().map((each) => [name, String(each)]))
  const sorted = pairs.sort(([a = ''], [b = '']) => (a < b ? -1 : a > b ? 1 : 0))
  if (!isDeepStrictEqual(sorted, got.query)) {
    return `${verb} ${path}: expected the query ${show(sorted)}, got ${show(got.query)}`
  }
  for (const [name, value] of Object.entries(headers)) {
    const sent = got.headers[name.toLowerCase()]
    if (String(value) !== sent) return `${verb} ${path}: expected the header ${name}: ${value}, got ${sent}`
  }
  const wrong = keyDifference(got, keys) ?? bodyDifference(wanted, got)
  return wrong === undefined ? undefined : `${verb} ${path}: ${wrong}`
}

function keyDifference({ headers }: Received, { apiKey, applicationKey, auth }: Keys): string | undefined {
  const wanted: [name: string, value: unknown][] = [['dd-api-key', auth === 'none' ? undefined : apiKey]]
  if (auth !== undefined) wanted.push(['dd-application-key', auth === 'api+app' ? applicationKey : undefined])
  for (const [name, value] of wanted) {
    if (headers[name] !== (value ?? undefined)) return `expected ${name}: ${value ?? 'none'}, got ${headers[name]}`
  }
  return undefined
}

function bodyDifference({ body, bodyText }: WireRequest, { headers, text }: Received): string | undefined {
  if (body === undefined && bodyText === undefined) return text === '' ? undefined : `expected no body, got ${text}`
  if (text === '') return 'expected a body, got none'
  const type = headers['content-type']
  if (type !== 'application/json') return `expected content-type application/json, got ${type}`
  // A bodyText says which integers are long. A body, read by whoever wrote it, may have them as strings.
  const [wanted, got] =
    bodyText === undefined ? [longAsText(body), longAsText(parseLong(text))] : [parseLong(bodyText), parseLong(text)]
  return isDeepStrictEqual(wanted, got) ? undefined : `expected the body ${show(wanted)}, got ${text}`
}

/** @param doesAnswer whether the vector says what is answered, so that a failure is not of the runner's making */
export function outcomeDifference(wanted: Wanted, outcome: Outcome, doesAnswer: boolean): string | undefined {
  const { throws, match } = wanted
  if (match !== undefined && match !== 'length') throw new NotFollowed(`match is ${match}, which is not understood`)
  if (throws !== undefined && throws !== null) return errorDifference(throws, outcome, match === 'length')
  if ('thrown' in outcome) {
    if (!('returns' in wanted) && !doesAnswer && outcome.thrown instanceof DatadogError) return undefined
    return `expected ${'returns' in wanted ? show(wanted.returns) : 'no error'}, got ${String(outcome.thrown)}`
  }
  if (!('returns' in wanted)) return undefined
  const got = outcome.returned ?? null
  const right = longAsText(wanted.returns ?? null)
  const isSame = match === 'length' ? hasAsManyErrors(right, got) : isDeepStrictEqual(right, withoutUndefined(got))
  return isSame ? undefined : `expected ${show(right)}${match ? ` (only how many)` : ''}, got ${show(got)}`
}

function errorDifference(throws: Wanted['throws'], outcome: Outcome, isByLength: boolean): string | undefined {
  const { kind, ...members } =
    typeof throws === 'string' ? { kind: throws } : { ...(throws as object), kind: kindOf(throws) }
  if ('returned' in outcome) return `expected ${kind}, got ${show(outcome.returned)}`
  const error = outcome.thrown as Error & Record<string, unknown>
  if (error.name !== kind) return `expected ${kind}, got ${String(error)}`
  for (const [name, value] of Object.entries(members)) {
    const got = name === 'message' || name === 'text' ? error.message : error[name]
    const isText = name === 'message' || name === 'text'
    const isSame = isText
      ? String(got).includes(String(value))
      : isByLength && name === 'errors'
        ? hasAsManyErrors({ errors: value }, { errors: got })
        : isDeepStrictEqual(longAsText(value), withoutUndefined(got))
    if (!isSame) return `expected ${kind} with ${name} ${show(value)}, got ${show(got)}`
  }
  return undefined
}

function kindOf(throws: Wanted['throws']): unknown {
  const { kind } = throws as Record<string, unknown>
  if (typeof kind !== 'string') throw new NotFollowed('throws has no kind of error')
  return kind
}

function hasAsManyErrors(wanted: unknown, got: unknown): boolean {
  const texts = errorsOf(got)
  const isText = (one: unknown) => typeof one === 'string' && one !== ''
  return texts?.every(isText) === true && texts.length === errorsOf(wanted)?.length
}

function errorsOf(value: unknown): unknown[] | undefined {
  const errors = (value as { errors?: unknown } | null)?.errors
  return Array.isArray(errors) ? errors : undefined
}

/** Members that are there but undefined are as if they were not. */
function withoutUndefined(value: unknown): unknown {
  return value === undefined ? undefined : (parseLong(writeLong(value)) as unknown)
}

/** @param wanted each a span from the least to the most, or what is at least waited, with some chance on top */
export function sleepDifference(wanted: readonly unknown[], got: readonly number[]): string | undefined {
  const spans = wanted.map((one) => {
    const [least, most] = Array.isArray(one) ? (one as unknown[]) : [one, Number(one) * 1.3]
    if (typeof least !== 'number' || typeof most !== 'number') {
      throw new NotFollowed(`sleepsMs has ${show(one)}, which is not understood`)
    }
    return [least, most] as const
  })
  const isSame =
    spans.length === got.length && spans.every(([least, most], at) => got[at]! >= least && got[at]! <= most)
  return isSame ? undefined : `expected waits of ${show(wanted)} ms, got ${show(got)}`
}

export const show = (value: unknown): string => (value === undefined ? 'undefined' : writeLong(value))
