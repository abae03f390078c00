// Who calls whom: a map of the services, the databases and the hosts they call, drawn from the spans at hand.

import type { JSX } from 'preact'
import { useEffect, useMemo } from 'preact/hooks'
import { address } from '../base/address'
import { count, number } from '../base/format'
import { useKeys } from '../base/keys'
import { isNarrow } from '../base/narrow'
import { param, setParams } from '../base/route'
import { colourClass } from '../base/service-colour'
import { useLoaded } from '../base/use-loaded'
import { Command, Empty, Failure, startCommand } from '../parts/empty'
import { SidePanel } from '../parts/side-panel'
import { changes } from '../traces/trace-feed'
import type { ServiceGraph } from '../wire'
import { placeMap } from './map-layout'
import { ServiceMap } from './service-map'
import { ServicePanel } from './service-panel'

const HOPS = ['1', '2', '3']

export function ServicesPage(): JSX.Element {
  const focus = param('focus')
  const hops = param('hops') || '1'
  const chosen = param('service')
  const { value, error, refresh } = useLoaded<ServiceGraph>(
    address('/api/services', { focus, hops: focus === '' ? '' : hops }),
  )
  useEffect(() => changes.subscribe(refresh), [focus, hops])
  // Figures change all the time; who calls whom seldom does, and only that moves the map.
  const shape = JSON.stringify([
    value?.services.map(({ name }) => name),
    value?.edges.map(({ from, to }) => [from, to]),
  ])
  const placed = useMemo(() => value && placeMap(value, isNarrow.value ? 'TB' : 'LR'), [shape, isNarrow.value])
  useKeys({
    Escape: () => {
      if (chosen !== '') setParams({ service: '' })
      else if (focus !== '') setParams({ focus: '' }, true)
      else return false
      return true
    },
  })
  if (value === undefined || placed === undefined)
    return error ? <Failure error={error} /> : <div class="loading" aria-busy="true" />
  if (value.services.length === 0) {
    return (
      <Empty title="No services yet">
        <p>The map is drawn from traces: who calls whom, how often, how long it takes.</p>
        <Command text={startCommand} />
      </Empty>
    )
  }
  const node = value.services.find(({ name }) => name === chosen)
  return (
    <div class="page">
      <div class="toolbar">
        <h1>Services</h1>
        <span class="dim">
          {count(value.services.filter(({ isExternal }) => !isExternal).length, 'service')},{' '}
          {number(value.services.filter(({ isExternal }) => isExternal).length)} called
        </span>
        {value.capped > 0 && (
          <span class="notice">{count(value.capped, 'service')} left out: focus on one to see its neighbours</span>
        )}
        {focus !== '' && (
          <span class="focus">
            around <b class={`service ${colourClass(focus)}`}>{focus}</b>
            <span class="segments" role="radiogroup" aria-label="Hops">
              {HOPS.map((one) => (
                <button
                  key={one}
                  type="button"
                  role="radio"
                  aria-checked={hops === one}
                  onClick={() => setParams({ hops: one })}
                >
                  {one}
                </button>
              ))}
            </span>
            hops
            <button type="button" class="button" onClick={() => setParams({ focus: '', hops: '' }, true)}>
              All services
            </button>
          </span>
        )}
      </div>
      <div class="split">
        <ServiceMap graph={value} placed={placed} chosen={chosen} />
        {node && (
          <SidePanel label={node.name} onClose={() => setParams({ service: '' })}>
            <ServicePanel node={node} graph={value} />
          </SidePanel>
        )}
      </div>
    </div>
  )
}
