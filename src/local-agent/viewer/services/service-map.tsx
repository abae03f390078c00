// The map of services as a drawing: one drags it, zooms it, walks through it by the tab key, and chooses a service.

import { useSignal } from '@preact/signals'
import type { JSX } from 'preact'
import { useLayoutEffect, useRef } from 'preact/hooks'
import { count, micros, number, percent } from '../base/format'
import { useKeys } from '../base/keys'
import { setParams } from '../base/route'
import { colourClass } from '../base/service-colour'
import type { ServiceGraph, ServiceNode } from '../wire'
import { middleOf, NODE_HEIGHT, NODE_WIDTH, type PlacedMap, pathOf } from './map-layout'

/** Smaller, nothing could be read: one scrolls, or asks for a part. */
const MIN_FIT = 0.7

export function ServiceMap({
  graph,
  placed,
  chosen,
}: {
  graph: ServiceGraph
  placed: PlacedMap
  chosen: string
}): JSX.Element {
  /** Undefined fits the map into its place. */
  const wanted = useSignal<number | undefined>(undefined)
  const fit = useSignal(1)
  const zoom = wanted.value ?? fit.value
  const box = useRef<HTMLDivElement>(null)
  const drag = useRef<{ x: number; y: number; left: number; top: number } | undefined>(undefined)
  useLayoutEffect(() => {
    const { clientWidth = 1, clientHeight = 1 } = box.current ?? {}
    fit.value = Math.max(MIN_FIT, Math.min(1, (clientWidth - 24) / placed.width, (clientHeight - 24) / placed.height))
  }, [placed, chosen === ''])
  const by = (factor: number): void => {
    wanted.value = Math.max(0.3, Math.min(2.5, (wanted.peek() ?? fit.peek()) * factor))
  }
  useKeys({
    '+': () => by(1.2),
    '=': () => by(1.2),
    '-': () => by(1 / 1.2),
    '0': () => {
      wanted.value = undefined
    },
  })
  const figures = new Map(graph.services.map((node) => [node.name, node]))
  const calls = new Map(graph.edges.map((edge) => [`${edge.from}\n${edge.to}`, edge]))
  const most = Math.max(1, ...graph.edges.map((edge) => edge.calls))
  const isNear = (from: string, to: string): boolean => chosen === '' || from === chosen || to === chosen
  const near = new Set([
    chosen,
    ...graph.edges.filter(({ from, to }) => isNear(from, to)).flatMap(({ from, to }) => [from, to]),
  ])
  return (
    <div
      class="map"
      ref={box}
      onWheel={(event) => {
        if (!event.ctrlKey && !event.metaKey) return
        event.preventDefault()
        by(event.deltaY > 0 ? 0.9 : 1.1)
      }}
      onPointerDown={(event) => {
        const { scrollLeft: left, scrollTop: top } = event.currentTarget
        if (event.pointerType === 'mouse') drag.current = { x: event.clientX, y: event.clientY, left, top }
      }}
      onPointerMove={(event) => {
        if (drag.current) {
          event.currentTarget.scrollTo(
            drag.current.left - event.clientX + drag.current.x,
            drag.current.top - event.clientY + drag.current.y,
          )
        }
      }}
      onPointerUp={() => {
        drag.current = undefined
      }}
      onPointerLeave={() => {
        drag.current = undefined
      }}
    >
      <svg
        width={placed.width * zoom}
        height={placed.height * zoom}
        viewBox={`${placed.left} ${placed.top} ${placed.width} ${placed.height}`}
        role="group"
        aria-label="Map of the services"
      >
        <defs>
          <marker
            id="arrow"
            viewBox="0 0 8 8"
            refX="7"
            refY="4"
            markerWidth="7"
            markerHeight="7"
            markerUnits="userSpaceOnUse"
            orient="auto"
          >
            <path d="M0,0.5 7.5,4 0,7.5z" />
          </marker>
        </defs>
        {placed.edges.map(({ edge: { from, to }, points }) => {
          const edge = calls.get(`${from}\n${to}`)
          if (edge === undefined) return null
          const middle = middleOf(points)
          return (
            <g
              key={`${from}\n${to}`}
              class={`edge ${edge.errors > 0 ? 'failed' : ''} ${isNear(from, to) ? '' : 'far'}`}
            >
              <title>{`${from} → ${to}\n${count(edge.calls, 'call')}, ${count(edge.errors, 'error')}\np95 ${micros(edge.p95)}`}</title>
              <path
                d={pathOf(points)}
                stroke-width={1 + (2.5 * Math.log(1 + edge.calls)) / Math.log(1 + most)}
                marker-end="url(#arrow)"
              />
              {middle && (
                <text x={middle.x} y={middle.y - 6}>
                  {number(edge.calls)}
                </text>
              )}
            </g>
          )
        })}
        {placed.nodes.map(({ node: { name }, x, y }) => {
          const node = figures.get(name)
          return (
            node && (
              <MapNode
                key={name}
                node={node}
                x={x}
                y={y}
                isChosen={name === chosen}
                isFar={chosen !== '' && !near.has(name)}
              />
            )
          )
        })}
      </svg>
    </div>
  )
}

function MapNode({
  node,
  x,
  y,
  isChosen,
  isFar,
}: {
  node: ServiceNode
  x: number
  y: number
  isChosen: boolean
  isFar: boolean
}): JSX.Element {
  const { name, requests, errors, p95, isExternal } = node
  const choose = (): void => setParams({ service: isChosen ? '' : name })
  return (
    <g
      class={`node ${colourClass(name)} ${isExternal ? 'external' : ''} ${errors > 0 ? 'failed' : ''} ${isChosen ? 'chosen' : ''} ${isFar ? 'far' : ''}`}
      transform={`translate(${x - NODE_WIDTH / 2},${y - NODE_HEIGHT / 2})`}
      role="button"
      tabindex={0}
      aria-pressed={isChosen}
      aria-label={`${name}: ${count(requests, 'request')}, ${count(errors, 'error')}, p95 ${micros(p95)}`}
      onClick={choose}
      onDblClick={() => setParams({ focus: name, service: '' }, true)}
      onKeyDown={(event) => {
        if (event.key !== 'Enter' && event.key !== ' ') return
        event.preventDefault()
        choose()
      }}
    >
      <rect class="box" width={NODE_WIDTH} height={NODE_HEIGHT} rx={isExternal ? NODE_HEIGHT / 2 : 7} />
      <circle cx={20} cy={21} r={5} />
      <text class="title" x={33} y={25}>
        {name.length > 20 ? `${name.slice(0, 19)}…` : name}
      </text>
      <text class="figures" x={33} y={43}>
        {number(requests)}× · {micros(p95)}
        {errors > 0 && <tspan class="bad">{` · ${percent(errors / Math.max(1, requests))}`}</tspan>}
      </text>
    </g>
  )
}
