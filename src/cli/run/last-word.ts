// What `dog run` says when the program has ended: what came of it, and how to look at it.

import type { LocalAgent } from '../../local-agent/start-local-agent'
import { counted } from '../counted'

export function lastWord({ store, url }: LocalAgent, command: readonly string[], isStaying: boolean): string {
  const traces = store.traces + store.evictedTraces
  const place = isStaying ? `, on ${url} until Ctrl+C` : `; ${url} ended with it, which --stay would keep`
  if (traces === 0) {
    const doctor = `To see what is traced and what is not: dog doctor -- ${command.map(quoted).join(' ')}`
    return `dog: the program has ended without a trace${isStaying ? place : ''}. ${doctor}`
  }
  let failed = 0
  for (const { spans } of store.latest(store.traces)) {
    if ([...spans.values()].some(({ error }) => error)) failed++
  }
  const errors = failed === 0 ? '' : `, ${failed} with errors`
  return `dog: the program has ended after ${counted(traces, 'trace')}${errors}${place}`
}

/** As one would type it. */
function quoted(argument: string): string {
  return /^[\w@%+=:,./-]+$/.test(argument) ? argument : `'${argument.replaceAll("'", "'\\''")}'`
}
