// What is known of one service of the map: its figures, and its neighbours.

import type { JSX } from 'preact'
import { termOf } from '../../search/query-text'
import { count, micros, number, percent } from '../base/format'
import { href, setParams, tracesHref } from '../base/route'
import { colourClass } from '../base/service-colour'
import type { ServiceGraph, ServiceNode } from '../wire'

export function ServicePanel({ node, graph }: { node: ServiceNode; graph: ServiceGraph }): JSX.Element {
  const { name, requests, errors, p50, p95, p99, type } = node
  const callers = graph.edges.filter(({ to, from }) => to === name && from !== name)
  const called = graph.edges.filter(({ from, to }) => from === name && to !== name)
  const facts: readonly (readonly [string, string])[] = [
    ['Requests', number(requests)],
    ['Errors', `${number(errors)} (${percent(errors / Math.max(1, requests))})`],
    ['p50', micros(p50)],
    ['p95', micros(p95)],
    ['p99', micros(p99)],
  ]
  return (
    <article class="span-panel">
      <h2 class={`service ${colourClass(name)}`}>{name}</h2>
      {type !== '' && <p class="dim">{type}</p>}
      <dl class="facts">
        {facts.map(([key, text]) => (
          <div key={key}>
            <dt>{key}</dt>
            <dd>{text}</dd>
          </div>
        ))}
      </dl>
      <p class="links">
        <a class="button" href={tracesHref(termOf('service', name))}>
          Traces
        </a>
        <a class="button" href={href('resources', { service: name })}>
          Resources
        </a>
        <a class="button" href={href('services', { focus: name })}>
          Focus
        </a>
      </p>
      {(
        [
          ['Called by', callers, 'from'],
          ['Calls', called, 'to'],
        ] as const
      ).map(
        ([title, list, end]) =>
          list.length > 0 && (
            <section key={title}>
              <h3>{title}</h3>
              <ul class="neighbours">
                {list.map((edge) => (
                  <li key={edge[end]}>
                    <button
                      type="button"
                      class={`link service ${colourClass(edge[end])}`}
                      onClick={() => setParams({ service: edge[end] })}
                    >
                      {edge[end]}
                    </button>
                    <span class="number">{number(edge.calls)}</span>
                    <span class={`number ${edge.errors > 0 ? 'bad' : 'dim'}`}>
                      {edge.errors > 0 ? count(edge.errors, 'error') : ''}
                    </span>
                    <span class="number dim">{micros(edge.p95)}</span>
                  </li>
                ))}
              </ul>
            </section>
          ),
      )}
    </article>
  )
}
