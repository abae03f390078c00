// The traces of the list: what a query found, and what came since. What is new waits while the reader is busy with what is
// there, so that no row moves under a hand.
//
// Without a query the live stream alone keeps the list. With one, the agent is asked again when something changed: what a query
// matches is decided by spans, and the stream carries none.

import { signal } from '@preact/signals'
import { address } from '../base/address'
import { AgentError, fetchJson } from '../base/fetch-json'
import { millis } from '../base/format'
import { agentRun, onLive } from '../base/live'
import type { Summary, TraceList } from '../wire'

export interface Row extends Summary {
  /** Milliseconds since the Unix epoch. */
  readonly at: number
  /** Nanoseconds. */
  readonly ns: number
}

/** The latest start first. */
export const rows = signal<readonly Row[]>([])
/** New ones that wait to be shown. */
export const waiting = signal(0)
/** How many match, which may be more than are shown. */
export const matched = signal(0)
export const queryError = signal<AgentError | undefined>(undefined)
export const isLoaded = signal(false)
/** Counts up when facets and the like may have changed. */
export const changes = signal(0)

/** While true, new ones wait. */
export const isHeld = signal(false)

const PAGE = 500
/** As many as an agent keeps unless told. */
const MAX_ROWS = 2000
const REQUERY_MS = 400

let query = ''
let limit = PAGE
let known = new Map<string, Row>()
let shown = new Set<string>()
let requery: ReturnType<typeof setTimeout> | undefined
let frame = 0
let asked = 0

export function ask(text: string): void {
  if (text === query && isLoaded.peek()) return
  query = text
  limit = PAGE
  void load(true)
}

export function askForMore(): void {
  limit += PAGE
  void load(true)
}

/** Shows what waits. */
export function showNew(): void {
  shown = new Set(known.keys())
  publish()
}

async function load(isFresh: boolean): Promise<void> {
  const turn = ++asked
  try {
    const list = await fetchJson<TraceList>(address('/api/traces', { query, limit: query === '' ? MAX_ROWS : limit }))
    if (turn !== asked) return
    queryError.value = undefined
    // What the stream brought while the answer was on its way.
    const later = query === '' ? [...known].filter(([, row]) => row.revision > list.revision) : []
    known = new Map([...list.traces.map((summary) => [summary.id, rowOf(summary)] as const), ...later])
    if (isFresh) shown = new Set(known.keys())
    matched.value = list.matched
    isLoaded.value = true
    settle()
  } catch (error) {
    if (turn === asked && error instanceof AgentError) queryError.value = error
  }
}

function loadAgain(): void {
  requery = undefined
  void load(false)
}

/** Shows what is new, unless the reader is busy. */
function settle(): void {
  frame = 0
  if (!isHeld.peek()) shown = new Set(known.keys())
  publish()
}

function publish(): void {
  const list: Row[] = []
  for (const row of known.values()) if (shown.has(row.id)) list.push(row)
  list.sort((a, b) => b.at - a.at || (a.id < b.id ? -1 : 1))
  rows.value = list
  waiting.value = known.size - list.length
}

function rowOf(summary: Summary): Row {
  return { ...summary, at: millis(summary.start), ns: Number(summary.duration) }
}

onLive('trace', (summary) => {
  changes.value++
  if (query !== '') {
    if (requery === undefined) requery = setTimeout(loadAgain, REQUERY_MS)
    return
  }
  if (!known.has(summary.id)) matched.value = Math.max(matched.value, known.size + 1)
  known.delete(summary.id)
  known.set(summary.id, rowOf(summary))
  if (known.size > MAX_ROWS) known.delete(known.keys().next().value ?? '')
  // A burst of thousands draws once per frame.
  if (frame === 0) frame = requestAnimationFrame(settle)
})

agentRun.subscribe((run) => {
  if (run === '') return
  known = new Map()
  shown = new Set()
  if (isLoaded.peek()) void load(true)
})

isHeld.subscribe((held) => {
  if (!held && waiting.peek() > 0) showNew()
})
