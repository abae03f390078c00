// How the agent itself is: what it took, what it refused and why, how full its stores are. Whatever is dropped is said here.

import type { JSX } from 'preact'
import { useEffect } from 'preact/hooks'
import { bytes, number, percent } from '../base/format'
import { status } from '../base/live'
import { useLoaded } from '../base/use-loaded'
import { Failure } from '../parts/empty'
import { RunsCard } from './runs-card'

type Figures = Readonly<Record<string, unknown>>

interface Card {
  readonly title: string
  readonly figures: Figures
}

/** Figures that stand for something lost. */
const LOSSES = /^(refused|dropped|evicted|malformed|rejected|ignored|outOfRange|cut|broken|problems)/

/** What the agent says of itself beside its parts; all else at the top is said once more in a part. */
const OWN = ['version', 'uptimeMs', 'liveReaders', 'problems']

const NAMES: Readonly<Record<string, string>> = {
  otlp: 'OTLP',
  dogstatsd: 'DogStatsD',
  api: 'API',
  http: 'HTTP',
  rss: 'RSS',
  uptimeMs: 'Up for',
}

export function StatusPage(): JSX.Element {
  const { value, error, refresh } = useLoaded<Figures>('/api/status')
  useEffect(() => status.subscribe(refresh), [])
  if (value === undefined) return error ? <Failure error={error} /> : <div class="loading" aria-busy="true" />
  return (
    <div class="page scrolls">
      <div class="toolbar">
        <h1>Status of the agent</h1>
        <span class="dim">{location.host}</span>
      </div>
      <div class="status-cards">
        <RunsCard />
        {cardsOf(value).map(({ title, figures }) => (
          <FigureCard key={title} title={title} figures={figures} />
        ))}
      </div>
    </div>
  )
}

/** A card for each group of figures that holds no groups itself. */
function cardsOf(value: Figures): Card[] {
  const hasParts = isFigures(value['stores'])
  const own = Object.entries(value).filter(([name, one]) => !isFigures(one) && (!hasParts || OWN.includes(name)))
  const groups = Object.entries(value).filter((entry): entry is [string, Figures] => isFigures(entry[1]))
  const inOrder = groups.sort(([a], [b]) => ORDER.indexOf(b) - ORDER.indexOf(a))
  return [
    { title: 'Agent', figures: Object.fromEntries(own) },
    ...inOrder.flatMap(([name, figures]) => cardsIn(words(name), figures)),
  ]
}

const ORDER = ['intake', 'stores']

function cardsIn(title: string, figures: Figures): Card[] {
  const plain = Object.entries(figures).filter(([, one]) => !isFigures(one))
  const groups = Object.entries(figures).filter((entry): entry is [string, Figures] => isFigures(entry[1]))
  return [
    ...(plain.length > 0 ? [{ title, figures: Object.fromEntries(plain) }] : []),
    ...groups.flatMap(([name, inner]) => cardsIn(`${title} · ${words(name)}`, inner)),
  ]
}

function FigureCard({ title, figures }: Card): JSX.Element {
  const isPort = title === 'Ports'
  return (
    <section class="card">
      <h2>{title}</h2>
      <dl>
        {Object.entries(figures).map(([name, value]) => {
          if (/^max[A-Z]/.test(name)) return null
          const limit = Number(figures[`max${name.charAt(0).toUpperCase()}${name.slice(1)}`] ?? 0)
          const share = Number(value) / limit
          const isNone = value === 0 || (Array.isArray(value) && value.length === 0)
          return (
            <div key={name} class={isNone ? 'none' : LOSSES.test(name) ? 'loss' : ''}>
              <dt>{name === 'bytes' && limit > 0 ? 'Memory' : words(name)}</dt>
              <dd class="number">
                {isPort ? String(value) : figureText(name, value)}
                {limit > 0 && <span class="dim"> of {figureText(name, limit)}</span>}
              </dd>
              {limit > 0 && (
                <meter min={0} max={1} high={0.9} value={share} title={percent(share)}>
                  {percent(share)}
                </meter>
              )}
            </div>
          )
        })}
      </dl>
    </section>
  )
}

const isFigures = (value: unknown): value is Figures =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** `refusedPayloads` as words. */
function words(name: string): string {
  const text = NAMES[name] ?? name.replace(/([a-z])([A-Z])/g, '$1 $2').toLowerCase()
  return text.charAt(0).toUpperCase() + text.slice(1)
}

function figureText(name: string, value: unknown): string {
  if (typeof value === 'boolean') return value ? 'yes' : 'no'
  if (Array.isArray(value))
    return value.map((one) => (isFigures(one) ? JSON.stringify(one) : String(one))).join(', ') || 'none'
  if (typeof value !== 'number') return value === undefined || value === null || value === '' ? '–' : String(value)
  if (/bytes|rss|heap|memory|external|arrayBuffers/i.test(name)) return bytes(value)
  return name === 'uptimeMs' ? upFor(value / 1000) : number(value)
}

function upFor(seconds: number): string {
  const minutes = Math.floor(seconds / 60)
  return minutes < 1
    ? `${Math.floor(seconds)} s`
    : minutes < 60
      ? `${minutes} min`
      : `${Math.floor(minutes / 60)} h ${minutes % 60} min`
}
