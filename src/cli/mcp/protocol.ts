// The Model Context Protocol over JSON-RPC 2.0, as far as a server of tools needs it.
//
// Clients of two kinds are served: those that open with `initialize` (2024-11-05 to 2025-11-25), and those that put the version into
// each request (2026-07-28). Nothing is remembered of a client but whether it has opened.
// Source: modelcontextprotocol.io/specification, "Lifecycle" of 2025-11-25; "Overview", "Versioning" and "Tools" of 2026-07-28.

import type { AgentClient } from '../agent-client'
import { callTool } from './call-tool'
import { tools } from './tools'

/** The newest first. */
const OPENING_VERSIONS = ['2025-11-25', '2025-06-18', '2025-03-26', '2024-11-05']
const STATELESS_VERSIONS = ['2026-07-28']

const PARSE_ERROR = -32_700
const INVALID_REQUEST = -32_600
const METHOD_NOT_FOUND = -32_601
const INVALID_PARAMS = -32_602
const INTERNAL_ERROR = -32_603
const UNSUPPORTED_VERSION = -32_022

/** Requests under way, and messages of a batch: a client in its right mind has a handful. */
const MAX_CALLS = 32

const META = 'io.modelcontextprotocol/'

/** The tools change with the release only. */
const CACHE = { ttlMs: 3_600_000, cacheScope: 'public' }

const INSTRUCTIONS =
  'What programs under development do, as a local agent has traced it: requests with their spans, errors, logs and metrics. ' +
  'Begin with list_services or list_errors; search_traces finds requests and get_trace shows one. Nothing is changed by any tool.'

type Id = string | number
type Fields = Readonly<Record<string, unknown>>

export interface Reply {
  readonly jsonrpc: '2.0'
  readonly id?: Id
  readonly result?: object
  readonly error?: { readonly code: number; readonly message: string; readonly data?: object }
}

class ProtocolError extends Error {
  constructor(
    readonly code: number,
    message: string,
    readonly data?: object,
  ) {
    super(message)
  }
}

export class McpProtocol {
  #hasOpened = false
  readonly #calls = new Map<Id, AbortController>()
  readonly #serverInfo: object

  constructor(
    private readonly client: AgentClient,
    version: string,
  ) {
    this.#serverInfo = { name: 'dd', title: 'dd local agent', version }
  }

  /** Answers a line; undefined where there is nothing to answer. */
  async answer(line: string): Promise<Reply | Reply[] | undefined> {
    let message: unknown
    try {
      message = JSON.parse(line)
    } catch {
      return failure(undefined, new ProtocolError(PARSE_ERROR, 'a line is one message of JSON'))
    }
    if (!Array.isArray(message)) return await this.#one(message)
    // Batches are of 2025-03-26 only, which must take them.
    if (message.length === 0 || message.length > MAX_CALLS) {
      return failure(undefined, new ProtocolError(INVALID_REQUEST, `a batch has 1 to ${MAX_CALLS} messages`))
    }
    const replies = (await Promise.all(message.map((one) => this.#one(one)))).filter((reply) => reply !== undefined)
    return replies.length > 0 ? replies : undefined
  }

  async #one(message: unknown): Promise<Reply | undefined> {
    const { jsonrpc, id, method, params } = fields(message)
    const hasId = typeof id === 'string' || (typeof id === 'number' && Number.isFinite(id))
    // A response: nothing was asked.
    if (method === undefined && hasId) return undefined
    if (jsonrpc !== '2.0' || typeof method !== 'string') {
      return failure(hasId ? id : undefined, new ProtocolError(INVALID_REQUEST, 'this is no JSON-RPC 2.0 request'))
    }
    if (id === undefined) return this.#notified(method, fields(params))
    if (!hasId) return failure(undefined, new ProtocolError(INVALID_REQUEST, 'an id is a text or a number'))
    const controller = new AbortController()
    try {
      if (this.#calls.size >= MAX_CALLS) throw new ProtocolError(INTERNAL_ERROR, `only ${MAX_CALLS} requests at once`)
      if (this.#calls.has(id)) throw new ProtocolError(INVALID_REQUEST, `request ${id} is under way already`)
      this.#calls.set(id, controller)
      const result = await this.#request(method, fields(params), controller.signal).finally(() =>
        this.#calls.delete(id),
      )
      return controller.signal.aborted ? undefined : { jsonrpc: '2.0', id, result }
    } catch (error) {
      return controller.signal.aborted ? undefined : failure(id, error)
    }
  }

  #notified(method: string, { requestId }: Fields): undefined {
    if (method === 'notifications/cancelled') this.#calls.get(requestId as Id)?.abort()
  }

  async #request(method: string, params: Fields, signal: AbortSignal): Promise<object> {
    if (method === 'initialize') return this.#open(params)
    const isStateless = this.#isStateless(fields(params['_meta']), method)
    const result = await this.#result(method, params, isStateless, signal)
    if (!isStateless) return result
    return { resultType: 'complete', ...result, _meta: { [`${META}serverInfo`]: this.#serverInfo } }
  }

  #open({ protocolVersion }: Fields): object {
    this.#hasOpened = true
    const known = OPENING_VERSIONS.find((version) => version === protocolVersion)
    return {
      protocolVersion: known ?? OPENING_VERSIONS[0],
      capabilities: { tools: {} },
      serverInfo: this.#serverInfo,
      instructions: INSTRUCTIONS,
    }
  }

  /** Whether a request stands for itself; one that does not must follow `initialize`. */
  #isStateless(meta: Fields, method: string): boolean {
    const requested = meta[`${META}protocolVersion`]
    if (requested === undefined) {
      if (this.#hasOpened || method === 'ping') return false
      throw new ProtocolError(INVALID_PARAMS, `begin with initialize, or give ${META}protocolVersion in _meta`)
    }
    if (!STATELESS_VERSIONS.includes(String(requested))) {
      const supported = [...STATELESS_VERSIONS, ...OPENING_VERSIONS]
      throw new ProtocolError(UNSUPPORTED_VERSION, 'Unsupported protocol version', { supported, requested })
    }
    const capabilities = meta[`${META}clientCapabilities`]
    if (typeof capabilities !== 'object' || capabilities === null) {
      throw new ProtocolError(INVALID_PARAMS, `${META}clientCapabilities is missing in _meta`)
    }
    return true
  }

  async #result(method: string, params: Fields, isStateless: boolean, signal: AbortSignal): Promise<object> {
    switch (method) {
      case 'tools/list':
        return {
          tools: tools.map(({ run: _, ...tool }) => ({ ...tool, annotations: READ_ONLY })),
          ...(isStateless && CACHE),
        }
      case 'tools/call': {
        const tool = tools.find(({ name }) => name === params['name'])
        if (tool !== undefined) return await callTool(tool, this.client, params['arguments'], signal)
        const names = tools.map(({ name }) => name).join(', ')
        throw new ProtocolError(
          INVALID_PARAMS,
          `Unknown tool: ${String(params['name']).slice(0, 100)}. There are ${names}`,
        )
      }
      case 'server/discover':
        if (isStateless) {
          const supportedVersions = [...STATELESS_VERSIONS, ...OPENING_VERSIONS]
          return { supportedVersions, capabilities: { tools: {} }, instructions: INSTRUCTIONS, ...CACHE }
        }
        break
      case 'ping':
        return {}
    }
    throw new ProtocolError(METHOD_NOT_FOUND, `there is no method ${method.slice(0, 100)}`)
  }
}

const READ_ONLY = { readOnlyHint: true, openWorldHint: false }

function failure(id: Id | undefined, error: unknown): Reply {
  const { code = INTERNAL_ERROR, message, data } = error as Partial<ProtocolError> & Error
  return { jsonrpc: '2.0', ...(id !== undefined && { id }), error: { code, message, ...(data && { data }) } }
}

function fields(value: unknown): Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Fields) : {}
}
