// Follows the live events of a local agent for as long as one wants: when it goes away it waits until one is back, and takes up where
// it was.

import type { IncomingMessage } from 'node:http'
import { setTimeout as delay } from 'node:timers/promises'
import { AgentAway, type AgentClient, otherText } from '../agent-client'
import { askAgent } from '../ask-agent'
import { EventReader, type ServerEvent } from './event-reader'

/** As browsers are told to. */
const RETRY_MS = 1000

/** The agent says something every five seconds; a connection that is silent for so long is broken. */
const SILENCE_MS = 30_000

interface FeedListener {
  /** Called before the events of a connection. What it throws ends the feed. */
  connected(): Promise<void> | void
  event(event: ServerEvent): void
  /** Called once until the next connection. */
  away(reason: string): void
}

export class LiveFeed {
  #lastId = ''

  constructor(
    private readonly client: AgentClient,
    private readonly listener: FeedListener,
  ) {}

  /** Resolves when `signal` ends it; rejects where something else listens at the address. */
  async follow(signal: AbortSignal): Promise<void> {
    let isAway = false
    while (!signal.aborted) {
      try {
        await this.#readOnce(signal, () => {
          isAway = false
        })
        throw new AgentAway(`the local agent at ${this.client.url} has gone`, false)
      } catch (error) {
        if (signal.aborted) return
        if (!(error instanceof AgentAway) || error.isOther) throw error
        if (!isAway) this.listener.away(error.message)
        isAway = true
      }
      await delay(RETRY_MS, undefined, { signal }).catch(() => {})
    }
  }

  async #readOnce(signal: AbortSignal, connected: () => void): Promise<void> {
    const headers: Record<string, string> = this.#lastId === '' ? {} : { 'last-event-id': this.#lastId }
    const response = await this.client.open('/api/live', headers, signal)
    if (response.statusCode !== 200 || !response.headers['content-type']?.startsWith('text/event-stream')) {
      response.destroy()
      const { version, localAgent } = await askAgent(new URL(this.client.url))
      const isOurs = localAgent !== undefined
      // Too many readers at once, for one.
      const ours = `the local agent at ${this.client.url} answered ${response.statusCode}`
      throw new AgentAway(isOurs ? ours : otherText(this.client.url, version), !isOurs)
    }
    await this.listener.connected()
    connected()
    await this.#events(response)
  }

  /** Resolves when the connection has ended. */
  #events(response: IncomingMessage): Promise<void> {
    const reader = new EventReader()
    const silence = setTimeout(() => response.destroy(), SILENCE_MS)
    return new Promise((resolve) => {
      response.setEncoding('utf8')
      response.on('data', (text: string) => {
        silence.refresh()
        for (const event of reader.push(text)) {
          if (event.lastId !== '') this.#lastId = event.lastId
          this.listener.event(event)
        }
        if (reader.isOverfull) response.destroy()
      })
      // Cut off: a close follows.
      response.on('error', () => {})
      response.once('close', () => {
        clearTimeout(silence)
        resolve()
      })
    })
  }
}
