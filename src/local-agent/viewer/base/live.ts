// The one live stream of the page: every view that wants to know what is new asks here.
//
// A browser has six connections to the agent for all its tabs together, so a tab that nobody sees gives its own back, and
// takes up again when it is looked at.

import { signal } from '@preact/signals'
import type { LogLine, Summary } from '../wire'
import { run } from './run'

export type Figures = Readonly<Record<string, unknown>>

/** 'waiting' until the first answer. */
export const connection = signal<'waiting' | 'live' | 'away'>('waiting')

/** What the agent said of itself last. */
export const status = signal<Figures>({})

/** Changes when the agent was started anew: what it had before is gone. */
export const agentRun = signal('')

interface Listeners {
  readonly trace: Set<(summary: Summary) => void>
  readonly log: Set<(line: LogLine) => void>
  readonly metric: Set<(notice: unknown) => void>
}

const listeners: Listeners = { trace: new Set(), log: new Set(), metric: new Set() }

/** Calls `listener` for what is new; returns what ends that. */
export function onLive<K extends keyof Listeners>(
  kind: K,
  listener: Listeners[K] extends Set<infer L> ? L : never,
): () => void {
  const set = listeners[kind] as Set<unknown>
  set.add(listener)
  return () => void set.delete(listener)
}

let source: EventSource | undefined

export function listen(): void {
  source?.close()
  source = new EventSource('/api/live')
  source.addEventListener('status', ({ data }) => {
    const figures = parsed(data) as Figures
    connection.value = 'live'
    status.value = figures
    agentRun.value = String(figures['run'] ?? '')
  })
  for (const kind of Object.keys(listeners) as (keyof Listeners)[]) {
    source.addEventListener(kind, ({ data }) => {
      if (run !== '') return
      const value = parsed(data)
      for (const listener of listeners[kind] as Set<(value: unknown) => void>) listener(value)
    })
  }
  source.addEventListener('error', () => {
    connection.value = 'away'
    // A browser gives up on a refusal; the agent may have had too many readers.
    if (source?.readyState === EventSource.CLOSED) setTimeout(listen, 2000)
  })
}

function parsed(data: string): unknown {
  try {
    return JSON.parse(data)
  } catch {
    return {}
  }
}

document.addEventListener('visibilitychange', () => {
  if (document.hidden) source?.close()
  else listen()
})
