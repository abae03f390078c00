// What the traces at hand have in common: fields, their values and how many traces have each. A click asks for those only, or
// for all but those.

import type { JSX } from 'preact'
import { useState } from 'preact/hooks'
import { number } from '../base/format'
import { recall, remember } from '../base/remembered'
import { setParams } from '../base/route'
import { colourClass } from '../base/service-colour'
import { hasTerm, toggleTerm } from '../parts/suggestions'
import type { Facet } from '../wire'

/** Of one field, before one asks for all. */
const SHOWN_VALUES = 6

/** Those that a program of one service and one version says nothing by. */
const FOLDED = ['env', 'version']

export function FacetBar({ facets, query }: { facets: readonly Facet[]; query: string }): JSX.Element {
  return (
    <aside class="facets" aria-label="Facets">
      {facets
        .filter(({ values }) => values.length > 0)
        .map((facet) => (
          <FacetGroup key={facet.field} facet={facet} query={query} />
        ))}
    </aside>
  )
}

function FacetGroup({ facet, query }: { facet: Facet; query: string }): JSX.Element {
  const { field, label, values } = facet
  const [isAll, setAll] = useState(false)
  const folded = recall<readonly string[]>('folded', FOLDED)
  const isUsed = query.includes(`${field}:`)
  const most = Math.max(...values.map(({ count }) => count))
  const toggle = (wanted: string, unwanted: string): void => {
    const without = hasTerm(query, unwanted) ? toggleTerm(query, unwanted) : query
    setParams({ q: toggleTerm(without, wanted) }, true)
  }
  return (
    <details
      open={isUsed || !folded.includes(field)}
      onToggle={({ currentTarget: { open } }) => {
        const others = recall<readonly string[]>('folded', FOLDED).filter((one) => one !== field)
        remember('folded', open ? others : [...others, field])
      }}
    >
      <summary>{label || field}</summary>
      <ul>
        {values.slice(0, isAll ? values.length : SHOWN_VALUES).map(({ value, count, query: wanted }) => {
          const unwanted = `-${wanted}`
          const isWanted = hasTerm(query, wanted)
          const isUnwanted = hasTerm(query, unwanted)
          return (
            <li key={value} class={isUnwanted ? 'unwanted' : ''}>
              <button
                type="button"
                class={`facet ${field === 'service' ? `service ${colourClass(value)}` : ''} ${value === 'error' ? 'bad' : ''}`}
                aria-pressed={isWanted}
                title={wanted}
                onClick={() => toggle(wanted, unwanted)}
              >
                <span class="value">{value === '' ? '(none)' : value}</span>
                <span class="number">{number(count)}</span>
                <i style={{ width: `${(count / most) * 100}%` }} />
              </button>
              <button
                type="button"
                class="quiet-button"
                aria-label={`All but ${value}`}
                aria-pressed={isUnwanted}
                title={unwanted}
                onClick={() => toggle(unwanted, wanted)}
              >
                −
              </button>
            </li>
          )
        })}
      </ul>
      {values.length > SHOWN_VALUES && (
        <button type="button" class="link" onClick={() => setAll(!isAll)}>
          {isAll ? 'fewer' : `${values.length - SHOWN_VALUES} more`}
        </button>
      )}
    </details>
  )
}
