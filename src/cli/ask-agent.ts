// Asks the Agent who it is: `GET /info`, the question every Datadog tracer begins with.

import { request as httpRequest, type IncomingMessage, type RequestOptions } from 'node:http'
import { request as httpsRequest } from 'node:https'

/** Loopback answers in a millisecond; the tracer itself waits as long. */
const TIMEOUT_MS = 2000
/** Agents say a few kilobytes about themselves. */
const MAX_BYTES = 1024 * 1024

export interface AgentAnswer {
  /** Without credentials. */
  readonly url: string
  /** Undefined where nobody answered. */
  readonly status: number | undefined
  /** Why nobody did, or what the answer was instead. */
  readonly problem: string | undefined
  readonly version: string | undefined
  readonly endpoints: readonly string[]
  /** Only a local agent of ours has it: since when it runs, in milliseconds since the Unix epoch. */
  readonly localAgent: { readonly since: number; readonly pid: number } | undefined
}

export async function askAgent(url: URL, timeoutMs = TIMEOUT_MS): Promise<AgentAnswer> {
  const place = `${url.protocol}//${url.host || url.pathname}`
  const unknown = { version: undefined, endpoints: [], localAgent: undefined }
  const nothing = { url: place, status: undefined, problem: undefined, ...unknown }
  try {
    const { status, body } = await get(url, timeoutMs)
    // Agents older than 7.28 have no /info, but take traces.
    if (status === 404) return { ...nothing, status }
    if (status !== 200) return { ...nothing, status, problem: `it answered ${status}` }
    const { version, endpoints, local_agent } = (JSON.parse(body) ?? {}) as Record<string, unknown>
    return {
      ...nothing,
      status,
      version: typeof version === 'string' ? version : undefined,
      endpoints: Array.isArray(endpoints) ? endpoints.map(String) : [],
      localAgent: localAgent(local_agent),
    }
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException
    const problem = error instanceof SyntaxError ? 'what answers there is no Agent' : (code ?? message)
    return { ...nothing, problem }
  }
}

function localAgent(told: unknown): AgentAnswer['localAgent'] {
  const { since, pid } = (told ?? {}) as Record<string, unknown>
  return typeof since === 'number' && typeof pid === 'number' ? { since, pid } : undefined
}

function get(url: URL, timeoutMs: number): Promise<{ status: number | undefined; body: string }> {
  const target: RequestOptions =
    url.protocol === 'unix:'
      ? { socketPath: decodeURIComponent(url.pathname), path: '/info' }
      : {
          hostname: url.hostname.replace(/^\[|\]$/g, ''),
          port: url.port,
          path: `${url.pathname.replace(/\/$/, '')}/info`,
        }
  const request = url.protocol === 'https:' ? httpsRequest : httpRequest
  return new Promise((resolve, reject) => {
    const outgoing = request({ ...target, agent: false, signal: AbortSignal.timeout(timeoutMs) })
    outgoing.on('error', (error) => {
      reject(error.name === 'TimeoutError' || error.name === 'AbortError' ? new Error('no answer in time') : error)
    })
    outgoing.on('response', (response: IncomingMessage) => {
      let body = ''
      response.setEncoding('utf8')
      response.on('data', (part: string) => {
        if (body.length < MAX_BYTES) body += part
      })
      response.on('error', reject)
      response.on('end', () => resolve({ status: response.statusCode, body }))
    })
    outgoing.end()
  })
}
