// Knows what the Agent can do: `GET /info`, asked beside the first payload, again when the Agent says that it has changed
// (`Datadog-Agent-State`), and every minute while it has not said.
//
// Nothing waits for the answer, and it has a connection of its own, so that nothing waits behind it either. Without one the Agent
// is taken for an old one that can do nothing new.
// Source: datadog-agent, pkg/trace/api/info.go.

import { monotonicMs } from '../base/clock'
import { log } from '../base/log'
import { type AgentClient, type AgentExchange, isTaken } from './agent-client'

/** How long an Agent that gave no answer is left in peace. */
const ASK_AGAIN_MS = 60_000

/** Rules `key` or `key:value` about the root span of a trace. */
export interface TagRules {
  /** All of these must hold. */
  readonly require: readonly string[]
  /** None of these may. */
  readonly reject: readonly string[]
}

export interface AgentFeatures {
  readonly version: string
  /** Its addresses, `/v0.6/stats`. */
  readonly endpoints: ReadonlySet<string>
  /** Whether rejected traces need not be sent, if they are counted. */
  readonly clientDropsRejected: boolean
  /** Whether it knows `span_events`. */
  readonly spanEvents: boolean
  /** Tags that name the other side of a call. */
  readonly peerTags: readonly string[]
  /** Kinds of spans that are counted wherever they stand. */
  readonly countedKinds: ReadonlySet<string>
  /** Traces that it drops without counting them. */
  readonly filterTags: TagRules
  /** The same with regular expressions for values. */
  readonly filterTagPatterns: TagRules
  /** Regular expressions of resources whose traces it drops. */
  readonly ignoredResources: readonly string[]
}

export class AgentInfo {
  /** Undefined while it is not known. */
  features: AgentFeatures | undefined
  #pending: Promise<void> | undefined
  #exchange: AgentExchange | undefined
  readonly #client: AgentClient
  readonly #nowMs: () => number
  #askedAtMs = Number.NEGATIVE_INFINITY
  /** What the Agent said of its state when it answered. */
  #state: string | undefined

  constructor(client: AgentClient, nowMs: () => number = monotonicMs) {
    this.#client = client
    this.#nowMs = nowMs
  }

  /** Asks, if there is a reason to. Never throws. */
  refresh(): void {
    if (this.#pending !== undefined) return
    const nowMs = this.#nowMs()
    const isNews = this.#client.state !== undefined && this.#client.state !== this.#state
    if (!isNews && (this.features !== undefined || nowMs - this.#askedAtMs < ASK_AGAIN_MS)) return
    this.#askedAtMs = nowMs
    this.#pending = this.#ask().finally(() => {
      this.#pending = undefined
    })
  }

  /** Resolves when the question under way was answered or given up; never rejects. */
  async settled(): Promise<void> {
    this.#exchange?.hold()
    await this.#pending
  }

  async #ask(): Promise<void> {
    // Of a change that comes while it answers another reply will tell.
    const before = this.#client.state
    try {
      this.#exchange = this.#client.send({ method: 'GET', path: '/info', isApart: true })
      const { status, body } = await this.#exchange.reply
      this.features = isTaken(status) ? readFeatures(JSON.parse(body)) : undefined
    } catch (error) {
      // What it could do it still can, unless it says otherwise.
      log.debug(() => `the Agent did not say what it can do: ${String(error)}`)
    }
    this.#state = this.#client.state ?? before
  }
}

/** Takes what fits and nothing else; undefined for what is no description at all. */
function readFeatures(info: unknown): AgentFeatures | undefined {
  if (!isObject(info)) return undefined
  return {
    version: typeof info['version'] === 'string' ? info['version'] : '',
    endpoints: new Set(texts(info['endpoints'])),
    clientDropsRejected: info['client_drop_p0s'] === true,
    spanEvents: info['span_events'] === true,
    peerTags: texts(info['peer_tags']),
    countedKinds: new Set(texts(info['span_kinds_stats_computed']).map((kind) => kind.toLowerCase())),
    filterTags: rules(info['filter_tags']),
    filterTagPatterns: rules(info['filter_tags_regex']),
    ignoredResources: texts(info['ignore_resources']),
  }
}

function rules(value: unknown): TagRules {
  return isObject(value)
    ? { require: texts(value['require']), reject: texts(value['reject']) }
    : { require: [], reject: [] }
}

function texts(value: unknown): string[] {
  return Array.isArray(value) ? value.filter((item) => typeof item === 'string') : []
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null
}
