// The services of all traces and what they call, as a graph that can be drawn.
//
// A map of everything is a poster that nobody reads: it can be cut to what lies within so many hops around one service, and is
// cut to a number of services in any case, the busiest or the nearest being kept.

import { percentiles, sortedDurations } from './durations'
import type { TraceCall } from './trace-calls'

export interface ServiceMap {
  /** The one with most requests first. */
  readonly services: readonly ServiceNode[]
  readonly edges: readonly ServiceEdge[]
  /** Services left out because there are too many. */
  readonly capped: number
}

export interface ServiceNode {
  readonly name: string
  readonly type: string
  readonly requests: number
  readonly errors: number
  /** Microseconds. */
  readonly p50: number
  readonly p95: number
  readonly p99: number
  /** Known only from its clients. */
  readonly isExternal: boolean
}

export interface ServiceEdge {
  readonly from: string
  readonly to: string
  readonly calls: number
  readonly errors: number
  /** Microseconds. */
  readonly p95: number
}

/** Layouts slow down and maps become unreadable beyond this. */
export const MAX_SERVICES = 200

interface Measured {
  readonly durations: number[]
  errors: number
}

interface Node extends Measured {
  type: string
  isExternal: boolean
}

interface Edge extends Measured {
  readonly from: string
  readonly to: string
}

export class ServiceGraph {
  readonly #nodes = new Map<string, Node>()
  readonly #edges = new Map<string, Edge>()

  add({ from, to, isExternal, type, duration, error }: TraceCall): void {
    const node = this.#node(to)
    // One span of its own is enough to know a service.
    if (node.type === '' || (node.isExternal && !isExternal)) {
      node.type = type
      node.isExternal = isExternal
    }
    measure(node, duration, error)
    if (from === '' || from === to) return
    this.#node(from)
    const key = `${from}\0${to}`
    const edge = this.#edges.get(key) ?? { from, to, durations: [], errors: 0 }
    if (edge.durations.length === 0) this.#edges.set(key, edge)
    measure(edge, duration, error)
  }

  /** @param hops how far from `focus`, against the direction of calls too */
  map(focus?: string, hops = 1): ServiceMap {
    const distances = focus === undefined ? undefined : this.#distances(focus, hops)
    const names = [...this.#nodes.keys()].filter((name) => distances?.has(name) ?? true)
    const activity = this.#activity()
    const busy = (name: string) => activity.get(name) ?? 0
    const distance = (name: string) => distances?.get(name) ?? 0
    names.sort((a, b) => distance(a) - distance(b) || busy(b) - busy(a) || (a < b ? -1 : 1))
    const kept = new Set(names.slice(0, MAX_SERVICES))
    const services = [...kept].map((name) => {
      const { type, isExternal, durations, errors } = this.#nodes.get(name)!
      const { p50, p95, p99 } = percentiles(sortedDurations(durations))
      return { name, type: type || 'custom', requests: durations.length, errors, p50, p95, p99, isExternal }
    })
    const edges = [...this.#edges.values()]
      .filter(({ from, to }) => kept.has(from) && kept.has(to))
      .map(({ from, to, durations, errors }) => {
        return { from, to, calls: durations.length, errors, p95: percentiles(sortedDurations(durations)).p95 }
      })
    services.sort((a, b) => b.requests - a.requests || (a.name < b.name ? -1 : 1))
    return { services, edges, capped: names.length - kept.size }
  }

  #node(name: string): Node {
    const known = this.#nodes.get(name)
    if (known !== undefined) return known
    const node = { type: '', isExternal: false, durations: [], errors: 0 }
    this.#nodes.set(name, node)
    return node
  }

  /** Calls that a service takes or makes. */
  #activity(): Map<string, number> {
    const activity = new Map<string, number>()
    for (const [name, { durations }] of this.#nodes) activity.set(name, durations.length)
    for (const { from, durations } of this.#edges.values()) activity.set(from, activity.get(from)! + durations.length)
    return activity
  }

  #distances(focus: string, hops: number): Map<string, number> {
    const neighbours = new Map<string, string[]>()
    for (const { from, to } of this.#edges.values()) {
      for (const [one, other] of [
        [from, to],
        [to, from],
      ] as const) {
        const list = neighbours.get(one)
        if (list) list.push(other)
        else neighbours.set(one, [other])
      }
    }
    const distances = new Map<string, number>(this.#nodes.has(focus) ? [[focus, 0]] : [])
    // A map goes over what is added on the way.
    for (const [name, distance] of distances) {
      if (distance === hops) continue
      for (const other of neighbours.get(name) ?? []) {
        if (!distances.has(other)) distances.set(other, distance + 1)
      }
    }
    return distances
  }
}

function measure(measured: Measured, duration: number, error: number): void {
  measured.durations.push(duration)
  measured.errors += error
}
