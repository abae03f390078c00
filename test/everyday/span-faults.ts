// Judges the spans of a run: what makes no sense is said in words. The rules hold for every program; what a request expects beyond them
// (a route, a span below, an error) stands beside the request.

import { outline, type ReceivedSpan } from '../support/received-span'
import type { Asked } from './asker'

/** A server's clock and its spans' clock are the same; what lies outside of its parent by more than this is at a wrong time. */
const CLOCK_TOLERANCE_NS = 1_000_000n

interface Wanted {
  readonly service: string
  /** Of spans that belong to no request. */
  readonly besides?: RegExp | undefined
}

export function spanFaults(
  spans: readonly ReceivedSpan[],
  asked: readonly Asked[],
  { service, besides }: Wanted,
): string[] {
  const traces = new Map<string, ReceivedSpan[]>()
  for (const span of spans) traces.set(span.trace_id, [...(traces.get(span.trace_id) ?? []), span])
  const faults: string[] = []
  for (const one of asked) {
    const own = traces.get(one.traceId) ?? []
    traces.delete(one.traceId)
    const found = requestFaults(own, one, service)
    if (found.length > 0) faults.push(`${one.title}: ${found.join('; ')}; its spans:\n${outline(own)}`)
  }
  for (const own of traces.values()) {
    const strange = own.filter((span) => besides?.test(nameOf(span)) !== true)
    if (strange.length > 0) faults.push(`spans that belong to no request:\n${outline(strange)}`)
    faults.push(...shapeFaults(own, undefined))
  }
  return faults
}

/** Whether all that was asked has come, and nothing of it is held back by a span that does not end. */
export function haveCome(spans: readonly ReceivedSpan[], asked: readonly Asked[]): boolean {
  const first = new Set(spans.map((span) => `${span.trace_id}/${span.parent_id}`))
  return asked.every(({ traceId, parentId, unseen }) => unseen === true || first.has(`${traceId}/${parentId}`))
}

function requestFaults(own: readonly ReceivedSpan[], asked: Asked, service: string): string[] {
  const first = own.filter((span) => span.parent_id === asked.parentId)
  if (asked.unseen === true) return own.length === 0 ? [] : ['has spans, but none was expected']
  if (first.length !== 1) return [`has ${first.length} first spans`]
  return [
    ...firstSpanFaults(first[0]!, asked, service),
    ...shapeFaults(own, asked.parentId),
    ...errorFaults(own, first[0]!, asked),
    ...(asked.spans ?? [])
      .filter((wanted) => !own.some((span) => nameOf(span).includes(wanted)))
      .map((wanted) => `there is no span "${wanted}"`),
  ]
}

function firstSpanFaults(span: ReceivedSpan, asked: Asked, service: string): string[] {
  const { method, path, status, route } = asked
  const path_ = path.split('?')[0]!
  const url = span.meta['http.url'] ?? ''
  const resource = asked.resource ?? (route ? `${method} ${route}` : route === null ? method : span.resource)
  return [
    differs('resource', span.resource, resource),
    differs('type', span.type, 'web'),
    differs('service', span.service, service),
    differs('kind', span.meta['span.kind'], 'server'),
    differs('method', span.meta['http.method'], method),
    differs('status', span.meta['http.status_code'], String(status)),
    route === undefined ? undefined : differs('route', span.meta['http.route'], route ?? undefined),
    URL.canParse(url) && new URL(url).pathname === new URL(path_, url).pathname ? undefined : `its URL is ${url}`,
  ].filter((fault) => fault !== undefined)
}

function differs(what: string, is: string | undefined, wanted: string | undefined): string | undefined {
  return is === wanted ? undefined : `its ${what} is ${is}, not ${wanted}`
}

/** What must hold in any trace: every parent is there, contains its child's start, and every span has ended. */
function shapeFaults(own: readonly ReceivedSpan[], remoteParentId: string | undefined): string[] {
  const byId = new Map(own.map((span) => [span.span_id, span]))
  const faults: string[] = []
  for (const span of own) {
    if (span.service === '' || span.name === '' || span.resource === '') faults.push(`${nameOf(span)} lacks a name`)
    if (isServedTwice(span, byId)) faults.push(`${nameOf(span)} is of a request that has a span already`)
    if (span.duration < 0n) faults.push(`${nameOf(span)} took ${span.duration} ns`)
    if (span.parent_id === (remoteParentId ?? '0')) continue
    const parent = byId.get(span.parent_id)
    if (parent === undefined) faults.push(`${nameOf(span)} has a parent that has not come`)
    else if (span.start + CLOCK_TOLERANCE_NS < parent.start) faults.push(`${nameOf(span)} began before its parent`)
  }
  return faults
}

/** Between two spans of servers there is one of a client, or of whoever handed a message on. */
function isServedTwice(span: ReceivedSpan, byId: ReadonlyMap<string, ReceivedSpan>): boolean {
  // An operation of GraphQL is served inside of a request.
  if (span.meta['span.kind'] !== 'server' || span.type !== 'web') return false
  let above = byId.get(span.parent_id)
  while (above?.meta['span.kind'] === 'internal') above = byId.get(above.parent_id)
  return above?.meta['span.kind'] === 'server'
}

/** The first span is an error if the status is; others only if they are expected to be, and then at least one. */
function errorFaults(own: readonly ReceivedSpan[], first: ReceivedSpan, { errors, isError, status }: Asked): string[] {
  const failed = own.filter((span) => span !== first && span.error === 1)
  const isWanted = isError ?? status >= 500
  const faults = failed
    .filter((span) => errors?.test(nameOf(span)) !== true)
    .map((span) => `${nameOf(span)} is an error${messageOf(span)}`)
  if ((first.error === 1) !== isWanted)
    faults.push(`its first span is ${isWanted ? 'no' : 'an'} error${messageOf(first)}`)
  if (errors !== undefined && failed.length === 0) faults.push(`no span below the first is an error`)
  return faults
}

function messageOf({ meta }: ReceivedSpan): string {
  return meta['error.message'] === undefined ? '' : ` (${meta['error.message']})`
}

function nameOf({ name, resource }: ReceivedSpan): string {
  return `${name} ${resource}`
}
