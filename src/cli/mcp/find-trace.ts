// Finds the trace that a short id means: the beginning or the end of its 32 digits, or the decimal form that tracers log.

import type { SummaryAnswer, TracesAnswer } from '../agent-answers'
import type { AgentClient } from '../agent-client'
import { short } from './answer-text'
import { isoOfNanoseconds } from './figures'
import { ToolError } from './tool'

/** What the agent keeps at most. */
const ALL = 1000

/** Shorter ones fit by chance. */
const MIN_DIGITS = 4

const MAX_NAMED = 5

export async function findTrace(client: AgentClient, asked: string, signal: AbortSignal): Promise<string> {
  const wanted = asked.trim().toLowerCase().replace(/^0x/, '')
  if (/^[0-9a-f]{32}$/.test(wanted)) return wanted
  if (!/^[0-9a-f]+$/.test(wanted) || wanted.length < MIN_DIGITS) {
    throw new ToolError(`${short(asked, 60)} is no trace id: give at least ${MIN_DIGITS} of its 32 hexadecimal digits.`)
  }
  const { traces } = await client.get<TracesAnswer>('/api/traces', { limit: ALL }, signal)
  const found = traces.filter(({ id }) => id.startsWith(wanted) || id.endsWith(wanted) || decimalOf(id) === wanted)
  if (found.length === 1) return found[0]!.id
  if (found.length > 1) throw new ToolError(`${wanted} fits ${found.length} traces: ${named(found)}. Give more digits.`)
  throw new ToolError(noTrace(wanted, traces))
}

function noTrace(id: string, traces: readonly SummaryAnswer[]): string {
  const latest = traces.length === 0 ? 'There is none at all.' : `The latest: ${named(traces)}.`
  return `There is no trace ${id}, or not any more. ${latest} search_traces finds others.`
}

function named(traces: readonly SummaryAnswer[]): string {
  const lines = traces
    .slice(0, MAX_NAMED)
    .map(({ id, title, start }) => `${id} (${short(title, 60)}, ${isoOfNanoseconds(start)})`)
  return `${lines.join('; ')}${traces.length > MAX_NAMED ? '; …' : ''}`
}

function decimalOf(id: string): string {
  return String(BigInt(`0x${id.slice(16)}`))
}
