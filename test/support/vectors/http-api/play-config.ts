// Plays a vector of settings: the environment is read as a program's is, a client is made of it and of the options, and what it then sends is
// looked at: its URL and its headers.

import { NotFollowed } from '../vector-case'
import { type ClientSettings, checkFields } from './api-vector'
import { show } from './compare-call'
import { type Environment, inEnvironment, optionsOf, vectorClient, withLog } from './vector-client'

export interface ConfigVector {
  readonly id: string
  readonly env?: Environment
  readonly options?: ClientSettings
  readonly expect?: Readonly<Record<string, unknown>>
  readonly throws?: unknown
}

interface Sent {
  readonly url: string
  readonly headers: Headers
}

const ERRORS = ['throws', 'error']
const PATH = '/api/v1/monitor'
const API_KEYS = ['DATADOG_API_KEY', 'DD_API_KEY']
const APPLICATION_KEYS = ['DATADOG_APP_KEY', 'DATADOG_APPLICATION_KEY', 'DD_APP_KEY', 'DD_APPLICATION_KEY']

/** By what a vector expects: what it is of a request. */
const LOOKS: Readonly<Record<string, (sent: Sent) => string | null>> = {
  apiUrl: ({ url }) => url.slice(0, -PATH.length),
  url: ({ url }) => url.slice(0, -PATH.length),
  apiHost: ({ url }) => new URL(url).host,
  host: ({ url }) => new URL(url).host,
  apiKey: ({ headers }) => headers.get('DD-API-KEY'),
  applicationKey: ({ headers }) => headers.get('DD-APPLICATION-KEY'),
  appKey: ({ headers }) => headers.get('DD-APPLICATION-KEY'),
  userAgent: ({ headers }) => headers.get('User-Agent'),
}

/** @returns what is wrong; undefined where nothing is */
export async function playConfig(vector: ConfigVector, conventions: ClientSettings): Promise<string | undefined> {
  checkFields('the vector', vector, ['id', 'env', 'options', 'expect', 'throws'])
  const { env = {}, options = {}, expect = {}, throws } = vector
  const wantedError = throws ?? expect['throws'] ?? expect['error']
  const unknown = Object.keys(expect).filter((name) => !Object.hasOwn(LOOKS, name) && !ERRORS.includes(name))
  if (unknown.length > 0) throw new NotFollowed(`expect has ${unknown.join(', ')}, which is not understood`)
  if (Object.keys(expect).length === 0 && wantedError === undefined) throw new NotFollowed('it expects nothing')
  const sent: Sent[] = []
  const fetch = async (input: unknown, init?: RequestInit) => {
    sent.push({ url: String(input), headers: new Headers(init?.headers) })
    return new Response('[]')
  }
  const given = { ...keysNotInQuestion(env, options, expect), ...optionsOf(options) }
  const error = await withLog(async () => {
    const nowSeconds = Number(conventions['now'])
    const make = () => vectorClient({ options: { ...given, swallow: false, fetch }, nowSeconds })
    try {
      await inEnvironment(env, make).request('GET', PATH)
      return undefined
    } catch (thrown) {
      return thrown as Error
    }
  })
  // No key is what Datadog is not asked without.
  const areLacking = Object.values(expect).every((value) => value === null)
  if (areLacking && error instanceof TypeError) return undefined
  if (wantedError !== undefined || error !== undefined) {
    const kind = (wantedError as { kind?: unknown } | undefined)?.kind ?? wantedError
    return error?.name === kind ? undefined : `expected ${kind ?? 'no error'}, got ${error ?? show(sent[0]?.url)}`
  }
  for (const [name, value] of Object.entries(expect)) {
    const got = LOOKS[name]!(sent[0]!)
    if (got !== value) return `expected ${name} ${show(value)}, got ${show(got)}`
  }
  return undefined
}

/** Without keys nothing would be sent; where a vector is not about them, they are those of all others. */
function keysNotInQuestion(env: Environment, options: ClientSettings, expect: ClientSettings) {
  const isGiven = (names: readonly string[], ...own: string[]) =>
    names.some((name) => name in env) || own.some((name) => name in options || name in expect)
  return {
    ...(!isGiven(API_KEYS, 'apiKey') && { apiKey: 'k' }),
    ...(!isGiven(APPLICATION_KEYS, 'applicationKey', 'appKey') && { applicationKey: 'a' }),
  }
}
