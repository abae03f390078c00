// Server-sent events for the page: the summary of each trace that is new or has changed.
//
// An event's id is the trace's revision, so a reader that was away gets what changed meanwhile (`Last-Event-ID`), and
// one that is new gets all. The id also names the run of the agent: revisions of another run mean nothing here.
// `status` events serve as heartbeat; of logs and metrics there are only notices. A reader that does not keep up is cut off; it comes back and resumes.

import type { IncomingMessage, ServerResponse } from 'node:http'
import { hex32, randomInt32 } from '../base/id'
import { exactJson } from './exact-json'
import { Refusal } from './refusal'
import { SECURITY_HEADERS } from './reply'
import type { StoredTrace, TraceStore } from './trace-store'
import { summarize } from './trace-summary'

/** A browser opens at most six connections to an origin, so this is several browsers. */
export const MAX_READERS = 32

/** What may wait for a slow reader: the summaries of about 10,000 traces. */
const MAX_WAITING_BYTES = 4 * 1024 * 1024

/** Often enough for a status line, and for proxies and laptops that drop quiet connections. */
export const HEARTBEAT_INTERVAL_MS = 5000

/** A page that looks again more often shows nothing more to people. */
const NOTICE_INTERVAL_MS = 1000

/** How long a browser waits until it connects again. */
const RETRY_MS = 1000

export class LiveStream {
  readonly #run = hex32(randomInt32())
  readonly #readers = new Set<ServerResponse>()
  readonly #heartbeat: NodeJS.Timeout

  constructor(
    private readonly store: TraceStore,
    private readonly status: () => object,
    heartbeatIntervalMs: number,
  ) {
    store.subscribe((trace) => {
      if (this.#readers.size > 0) this.#send(this.#traceEvent(trace))
    })
    this.#heartbeat = setInterval(() => this.#send(this.#statusEvent()), heartbeatIntervalMs)
    this.#heartbeat.unref()
  }

  /**
   * Tells readers that there is something new of a kind, at once and then at most once a second. They ask for what it is themselves.
   * @param subscribe calls its argument with each change
   */
  notifyOf(kind: 'log' | 'metric', subscribe: (listener: () => void) => void, news: () => object): void {
    let isNew = false
    let pause: NodeJS.Timeout | undefined
    const notify = () => {
      pause = undefined
      if (!isNew || this.#readers.size === 0) return
      isNew = false
      this.#send(`event: ${kind}\ndata: ${exactJson(news())}\n\n`)
      pause = setTimeout(notify, NOTICE_INTERVAL_MS)
      pause.unref()
    }
    subscribe(() => {
      isNew = true
      if (pause === undefined) notify()
    })
  }

  get readers(): number {
    return this.#readers.size
  }

  open(request: IncomingMessage, response: ServerResponse): void {
    if (this.#readers.size >= MAX_READERS) throw new Refusal(503, `only ${MAX_READERS} live streams at once`)
    const [run, revision] = String(request.headers['last-event-id'] ?? '').split('-')
    const missed = this.store.changedSince(run === this.#run ? Number(revision) || 0 : 0)
    response.writeHead(200, { ...SECURITY_HEADERS, 'Content-Type': 'text/event-stream' })
    response.write(
      `retry: ${RETRY_MS}\n${this.#statusEvent()}${missed.map((trace) => this.#traceEvent(trace)).join('')}`,
    )
    this.#readers.add(response)
    response.once('close', () => this.#readers.delete(response))
  }

  close(): void {
    clearInterval(this.#heartbeat)
    for (const reader of this.#readers) reader.destroy()
  }

  #send(event: string): void {
    for (const reader of this.#readers) {
      if (reader.writableLength > MAX_WAITING_BYTES) reader.destroy()
      else reader.write(event)
    }
  }

  #traceEvent(trace: StoredTrace): string {
    return `id: ${this.#run}-${trace.revision}\nevent: trace\ndata: ${exactJson(summarize(trace))}\n\n`
  }

  #statusEvent(): string {
    return `event: status\ndata: ${exactJson({ run: this.#run, ...this.status() })}\n\n`
  }
}
