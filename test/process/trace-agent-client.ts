// What Datadog's trace agent says of what it was sent: the spans that it sends on, and every complaint.

import type { RunningService } from '../services'
import { intakeUrl, receiverUrl } from '../services/trace-agent'

/** A span as the agent sends it on: the names of its protocol. */
export interface SentOnSpan {
  service?: string
  name?: string
  resource?: string
  trace_id?: string
  span_id?: string
  parent_id?: string
  start?: number
  duration?: number
  error?: number
  type?: string
  meta?: Record<string, string>
  metrics?: Record<string, number>
}

export interface SentOnChunk {
  priority?: number
  origin?: string
  spans: SentOnSpan[]
  tags?: Record<string, string>
}

/** Lines of the agent's log that tell of a repair, a cut or a loss; it writes one for each. */
const COMPLAINT = /^(WARN|ERROR|CRITICAL|INTAKE)|malformed|truncat|[Dd]ropp|invalid|[Cc]annot|Fixing/

/** What the agent says at its start, or of itself. */
const OWN_AFFAIRS =
  /^(INFO|DEBUG) (.*remote config|.*RemoteConfig|.*cgroup|.*container|.*Listening|.*[Ss]tats? (Writer|writer)|.*sampler)/

export class TraceAgentClient {
  readonly url: string
  readonly #intake: string

  constructor(server: RunningService) {
    this.url = receiverUrl(server)
    this.#intake = intakeUrl(server)
  }

  async clear(): Promise<void> {
    await fetch(`${this.#intake}/clear`, { method: 'POST' })
  }

  /** Everything that it has repaired, cut or dropped, in its words. */
  async complaints(): Promise<string[]> {
    const logs = (await this.#ask('logs')) as string[]
    const counters = (await this.#ask('counters')) as string[]
    return [...logs.filter((line) => COMPLAINT.test(line) && !OWN_AFFAIRS.test(line)), ...counters]
  }

  /** The chunks that it has sent on so far, as soon as there are so many spans in them. */
  async chunks(spans: number): Promise<SentOnChunk[]> {
    const deadlineMs = performance.now() + 10_000
    for (;;) {
      const chunks = await this.#chunksSoFar()
      const count = chunks.flatMap((chunk) => chunk.spans).length
      if (count >= spans || performance.now() > deadlineMs) return chunks
      // It sends ten times in a second.
      await new Promise((resolve) => setTimeout(resolve, 50))
    }
  }

  async #chunksSoFar(): Promise<SentOnChunk[]> {
    const payloads = (await this.#ask('traces')) as { tracerPayloads?: { chunks?: SentOnChunk[] }[] }[] | null
    return (payloads ?? []).flatMap(({ tracerPayloads = [] }) => tracerPayloads.flatMap(({ chunks = [] }) => chunks))
  }

  /** Ids are beyond what numbers hold: they become texts. */
  async #ask(what: string): Promise<unknown> {
    const text = await (await fetch(`${this.#intake}/${what}`)).text()
    return JSON.parse(text.replace(/"(trace_id|span_id|parent_id)":(\d+)/g, '"$1":"$2"'))
  }
}
