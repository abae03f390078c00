// Asks a running local agent over HTTP, for the commands that look at one: `dog tail` and `dog mcp`.
//
// Who does not answer and who refuses are different errors, because different things help: the one is started, the other asked
// differently. What else may listen on an Agent's port is told by name.

import { type ClientRequest, type IncomingMessage, request } from 'node:http'
import { askAgent } from './ask-agent'
import { CliError, USAGE } from './cli-error'
import { readPort } from './number-option'

const DEFAULT_URL = 'http://localhost:8126'

/** Ample for loopback and the largest trace. */
const TIMEOUT_MS = 15_000

/** Of a reply. The largest that the agent keeps is a trace of 100,000 spans; nobody asks for it here. */
const MAX_BYTES = 64 * 1024 * 1024

/** Nobody answers, or somebody who is no local agent. */
export class AgentAway extends Error {
  /** @param isOther whether something else listens there, which waiting will not change */
  constructor(
    message: string,
    readonly isOther: boolean,
  ) {
    super(message)
  }
}

/** The agent answered that it cannot. */
export class AgentRefusal extends Error {
  constructor(
    readonly status: number,
    message: string,
    /** Where in the query the mistake is. */
    readonly at: number | undefined,
  ) {
    super(message)
  }
}

export type Parameters = Readonly<Record<string, string | number | undefined>>

/** The address that the options `--url` and `--port` stand for. */
export function readAgentUrl(url: string | undefined, port: string | undefined): string {
  if (url !== undefined && port !== undefined) throw new CliError('--url and --port say the same: give one', USAGE)
  if (port !== undefined) return `http://localhost:${readPort(port)}`
  const given = url ?? DEFAULT_URL
  const { protocol, origin } = URL.canParse(given) ? new URL(given) : { protocol: '', origin: '' }
  if (protocol !== 'http:') throw new CliError(`--url takes an address such as ${DEFAULT_URL}, not ${given}`, USAGE)
  return origin
}

export class AgentClient {
  /** @param url without a path */
  constructor(readonly url: string) {}

  async get<T>(path: string, parameters: Parameters = {}, signal?: AbortSignal): Promise<T> {
    const query = new URLSearchParams()
    for (const [name, value] of Object.entries(parameters)) {
      if (value !== undefined) query.set(name, String(value))
    }
    const response = await this.open(query.size > 0 ? `${path}?${query}` : path, {}, signal)
    const text = await textOf(response)
    const value = parsed(text)
    if (response.statusCode === 200 && value !== undefined) return value as T
    throw await this.#refusal(response.statusCode ?? 0, value)
  }

  /** The head of a reply, whose body the caller reads. */
  async open(path: string, headers: Record<string, string> = {}, signal?: AbortSignal): Promise<IncomingMessage> {
    const outgoing = request(`${this.url}${path}`, { headers, agent: false, ...(signal && { signal }) })
    try {
      return await answerOf(outgoing)
    } catch (error) {
      throw new AgentAway(`no local agent answers at ${this.url} (${codeOf(error)})`, false)
    }
  }

  /** Says what is wrong with an answer that is not the one of a local agent. */
  async #refusal(status: number, value: unknown): Promise<Error> {
    const { error, at } = (value ?? {}) as { error?: unknown; at?: unknown }
    const { localAgent, version } = await askAgent(new URL(this.url))
    if (localAgent === undefined) return new AgentAway(otherText(this.url, version), true)
    const reason = typeof error === 'string' ? error : `it answered ${status}`
    return new AgentRefusal(status, reason, typeof at === 'number' ? at : undefined)
  }
}

/** `version` as a Datadog Agent tells it. */
export function otherText(url: string, version: string | undefined): string {
  const who = version === undefined ? 'something else' : `a Datadog Agent ${version}, which shows nothing`
  return `at ${url} there is no local agent of dd but ${who}`
}

function answerOf(outgoing: ClientRequest): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => outgoing.destroy(new Error('no answer in time')), TIMEOUT_MS)
    outgoing.once('error', (error) => {
      clearTimeout(timer)
      reject(error)
    })
    outgoing.once('response', (response) => {
      clearTimeout(timer)
      // An error while the body comes is told by the response.
      outgoing.on('error', () => {})
      resolve(response)
    })
    outgoing.end()
  })
}

function textOf(response: IncomingMessage): Promise<string> {
  return new Promise((resolve, reject) => {
    const parts: Buffer[] = []
    let bytes = 0
    response.on('data', (part: Buffer) => {
      bytes += part.length
      if (bytes > MAX_BYTES) response.destroy(new Error(`more than ${MAX_BYTES} bytes`))
      else parts.push(part)
    })
    response.once('error', (error) => reject(new AgentAway(`the local agent broke off: ${error.message}`, false)))
    response.once('end', () => resolve(Buffer.concat(parts).toString('utf8')))
  })
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

/** Of several addresses of one name, all of which failed, the first tells. */
function codeOf(error: unknown): string {
  const { code, message, errors } = error as NodeJS.ErrnoException & { errors?: NodeJS.ErrnoException[] }
  return code ?? errors?.[0]?.code ?? message
}
