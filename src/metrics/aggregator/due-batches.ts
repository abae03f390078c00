// What a flush has to send, as batches, each with what is to be done when the fates of its items are known: it counts as sent, or it goes
// back to where it was taken from, to be sent with the next flush together with all that came meanwhile.

import { ENDPOINTS, type Endpoint } from '../../api-transport/api-endpoints'
import type { Buckets, TakenSeries } from './buckets'
import type { Batch, Fate } from './sender'
import type { Cell } from './series'
import { distributionItems, MAX_VALUES, type SeriesForm, seriesItems, valueGroups } from './series-payload'

/** Events and checks that wait; more are dropped. */
const MAX_WAITING = 1000

/** Is told what becomes of lines. */
export interface FateListener {
  sent(lines: number): void
  lost(lines: number): void
  /** Lines that could not be sent and to which more has come since: they are one with that. */
  merged(lines: number): void
}

export interface Delivery {
  readonly batch: Batch
  /** @param fates of the items, in their order; those that are missing were not sent */
  settle(fates: readonly Fate[]): void
}

export class DueBatches {
  readonly #buckets: Buckets
  readonly #form: SeriesForm
  readonly #listener: FateListener
  readonly #waiting: Record<'events' | 'checks', object[]> = { events: [], checks: [] }

  constructor(buckets: Buckets, form: SeriesForm, listener: FateListener) {
    this.#buckets = buckets
    this.#form = form
    this.#listener = listener
  }

  /** Adds an event or a check; false if too many wait already. */
  add(kind: 'events' | 'checks', item: object): boolean {
    const waiting = this.#waiting[kind]
    if (waiting.length >= MAX_WAITING) return false
    waiting.push(item)
    return true
  }

  /** Takes what is due. Each of it must be settled. */
  take(before: number): Delivery[] {
    const taken = this.#buckets.take(before)
    return [
      this.#series(taken.filter(({ series }) => series.kind !== 'distribution')),
      this.#distributions(taken.filter(({ series }) => series.kind === 'distribution')),
      this.#queued('checks'),
      this.#queued('events'),
    ].filter(({ batch }) => batch.items.length > 0)
  }

  #series(taken: readonly TakenSeries[]): Delivery {
    const endpoint: Endpoint = this.#form.api === 'v1' ? 'series-v1' : 'series-v2'
    const items: object[] = []
    const owners = taken.map(({ series, cells }) => {
      const from = items.length
      items.push(...seriesItems(series, cells, this.#form))
      return { cells, from, to: items.length }
    })
    const settle = (fates: readonly Fate[]) => {
      for (const { cells, from, to } of owners) {
        // A histogram whose count was taken and whose average was not is sent again as a whole.
        const fate = worst(fates.slice(from, to), endpoint)
        for (const cell of cells) this.#settleCell(cell, fate)
      }
    }
    return { batch: { endpoint, items }, settle }
  }

  #distributions(taken: readonly TakenSeries[]): Delivery {
    const items: object[] = []
    const owners = taken.flatMap(({ series, cells }) =>
      valueGroups(cells.map((cell) => ({ cell, values: this.#buckets.takeValues(cell) }))).map((group) => {
        const from = items.length
        items.push(...distributionItems(series, group))
        return { group, from, to: items.length }
      }),
    )
    const settle = (fates: readonly Fate[]) => {
      for (const { group, from, to } of owners) {
        const fate = worst(fates.slice(from, to), 'distributions')
        for (const { cell, values } of group) {
          // Only those that have not arrived: Datadog would count the others twice.
          const kept = values.filter((_, at) => (fates[from + Math.floor(at / MAX_VALUES)] ?? 'kept') === 'kept')
          if (kept.length > 0) this.#buckets.giveBackValues(cell, kept)
          this.#settleCell(cell, fate)
        }
      }
    }
    return { batch: { endpoint: 'distributions', items }, settle }
  }

  #queued(endpoint: 'events' | 'checks'): Delivery {
    const items = this.#waiting[endpoint]
    this.#waiting[endpoint] = []
    const settle = (fates: readonly Fate[]) => {
      const kept: object[] = []
      items.forEach((item, at) => {
        const fate = worst([fates[at] ?? 'kept'], endpoint)
        if (fate === 'kept') kept.push(item)
        else this.#tell(fate)
      })
      this.#waiting[endpoint] = [...kept, ...this.#waiting[endpoint]]
    }
    return { batch: { endpoint, items }, settle }
  }

  #settleCell(cell: Cell, fate: Fate): void {
    cell.isSending = false
    if (fate !== 'kept') this.#tell(fate)
    else if (cell.isDirty) this.#listener.merged(1)
    else cell.isDirty = true
  }

  #tell(fate: Fate): void {
    if (fate === 'taken') this.#listener.sent(1)
    else this.#listener.lost(1)
  }
}

/** Of the items that belong together; without any fate they have not been sent. */
function worst(fates: readonly Fate[], endpoint: Endpoint): Fate {
  if (fates.length === 0 || fates.includes('kept')) return 'kept'
  if (fates.includes('unknown')) return ENDPOINTS[endpoint].isIdempotent ? 'kept' : 'unknown'
  return fates.includes('refused') ? 'refused' : 'taken'
}
