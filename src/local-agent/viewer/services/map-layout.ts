// Where the services stand on the map: in layers from callers to those they call, with as few crossings as can be.

import { Graph, layout } from '@dagrejs/dagre'
import type { ServiceEdge, ServiceGraph, ServiceNode } from '../wire'

export const NODE_WIDTH = 184
export const NODE_HEIGHT = 58
const MARGIN = 14

interface PlacedNode {
  readonly node: ServiceNode
  /** The middle. */
  readonly x: number
  readonly y: number
}

interface PlacedEdge {
  readonly edge: ServiceEdge
  readonly points: readonly { readonly x: number; readonly y: number }[]
}

export interface PlacedMap {
  /** What all nodes and lines take. */
  readonly left: number
  readonly top: number
  readonly width: number
  readonly height: number
  readonly nodes: readonly PlacedNode[]
  readonly edges: readonly PlacedEdge[]
}

export function placeMap({ services, edges }: ServiceGraph, direction: 'LR' | 'TB'): PlacedMap {
  const graph = new Graph()
  graph.setGraph({ rankdir: direction, nodesep: 22, ranksep: 76, edgesep: 14 })
  graph.setDefaultEdgeLabel(() => ({}))
  for (const { name } of services) graph.setNode(name, { width: NODE_WIDTH, height: NODE_HEIGHT })
  const known = new Set(services.map(({ name }) => name))
  // A service that calls itself needs no line for it.
  const drawn = edges.filter(({ from, to }) => from !== to && known.has(from) && known.has(to))
  for (const { from, to } of drawn) graph.setEdge(from, to, {})
  layout(graph)
  const nodes = services.map((node) => ({ node, ...(graph.node(node.name) as { x: number; y: number }) }))
  const lines = drawn.map((edge) => ({
    edge,
    points: (graph.edge(edge.from, edge.to) as { points?: { x: number; y: number }[] }).points ?? [],
  }))
  // Lines may go around the nodes, beyond the size that the layout gives.
  const xs = [
    ...nodes.flatMap(({ x }) => [x - NODE_WIDTH / 2, x + NODE_WIDTH / 2]),
    ...lines.flatMap(({ points }) => points.map(({ x }) => x)),
  ]
  const ys = [
    ...nodes.flatMap(({ y }) => [y - NODE_HEIGHT / 2, y + NODE_HEIGHT / 2]),
    ...lines.flatMap(({ points }) => points.map(({ y }) => y)),
  ]
  const [left, top] = [Math.min(...xs) - MARGIN, Math.min(...ys) - MARGIN]
  return {
    left,
    top,
    width: Math.max(...xs) + MARGIN - left,
    height: Math.max(...ys) + MARGIN - top,
    nodes,
    edges: lines,
  }
}

/** Where the line passes its middle. */
export function middleOf(points: PlacedEdge['points']): { readonly x: number; readonly y: number } | undefined {
  const at = Math.floor(points.length / 2)
  const bend = points[at]
  const [before, behind] = [points[at - 1], points[at + 1]]
  if (bend === undefined || before === undefined || behind === undefined) return bend
  const start = at === 1 ? before : { x: (before.x + bend.x) / 2, y: (before.y + bend.y) / 2 }
  const end = at === points.length - 2 ? behind : { x: (bend.x + behind.x) / 2, y: (bend.y + behind.y) / 2 }
  return { x: (start.x + 2 * bend.x + end.x) / 4, y: (start.y + 2 * bend.y + end.y) / 4 }
}

/** A smooth line through the points. */
export function pathOf(points: PlacedEdge['points']): string {
  const [first, ...rest] = points
  if (first === undefined) return ''
  let path = `M${first.x},${first.y}`
  for (let at = 0; at < rest.length - 1; at++) {
    const [bend, next] = [rest[at]!, rest[at + 1]!]
    const end = at === rest.length - 2 ? next : { x: (bend.x + next.x) / 2, y: (bend.y + next.y) / 2 }
    path += `Q${bend.x},${bend.y} ${end.x},${end.y}`
  }
  return rest.length === 1 ? `${path}L${rest[0]!.x},${rest[0]!.y}` : path
}
