// What is looked at of a trace: which span is selected, which are folded, which part of the time, what matches a search. All
// views of a trace share it, so that a switch from the waterfall to the flame graph stays at the same place.

import { batch, computed, type ReadonlySignal, type Signal, signal } from '@preact/signals'
import { route, setParams } from '../base/route'
import type { TraceModel } from './trace-model'

export interface Window {
  /** Microseconds since the trace began. */
  readonly from: number
  readonly to: number
}

/** The narrowest part of the time that one can look at. */
const MIN_WINDOW_US = 2

/** So many changes of the zoom a second go into the address. */
const ADDRESS_MS = 250

export class TraceView {
  readonly model: Signal<TraceModel>
  readonly selectedId: Signal<string>
  readonly selected: ReadonlySignal<number>
  readonly folded = signal<ReadonlySet<string>>(new Set())
  readonly rows: ReadonlySignal<readonly number[]>
  readonly window: Signal<Window>
  /** Rows that match the search inside the trace, in reading order. */
  readonly matches = signal<readonly number[]>([])
  readonly matchSet = computed(() => new Set(this.matches.value))
  readonly isPanelOpen: Signal<boolean>
  readonly showsCritical: Signal<boolean>
  #timer: ReturnType<typeof setTimeout> | undefined

  constructor(model: TraceModel) {
    const { params } = route.peek()
    this.model = signal(model)
    this.selectedId = signal(params.get('span') ?? '')
    this.isPanelOpen = signal(this.selectedId.peek() !== '')
    this.showsCritical = signal(params.get('critical') === '1')
    this.selected = computed(() => this.model.value.rowOf(this.selectedId.value))
    this.rows = computed(() => this.model.value.visibleRows(this.folded.value))
    const [from = Number.NaN, to = Number.NaN] = (params.get('zoom') ?? '').split('-').map(Number)
    this.window = signal(to > from ? clamped({ from, to }, model.duration) : { from: 0, to: model.duration })
    this.unfoldTo(this.selected.peek())
  }

  /** Takes a later state of the same trace. */
  update(model: TraceModel): void {
    const { duration } = this.model.peek()
    const { from, to } = this.window.peek()
    batch(() => {
      this.model.value = model
      if (from === 0 && to === duration) this.window.value = { from: 0, to: model.duration }
    })
  }

  get isZoomed(): boolean {
    const { from, to } = this.window.value
    return from > 0 || to < this.model.value.duration
  }

  select(row: number, opensPanel = this.isPanelOpen.peek()): void {
    const id = this.model.peek().ids[row]
    if (id === undefined) return
    batch(() => {
      this.unfoldTo(row)
      this.selectedId.value = id
      this.isPanelOpen.value = opensPanel
    })
    this.#keep()
  }

  closePanel(): void {
    this.isPanelOpen.value = false
  }

  /** Moves among the rows that are seen. */
  step(by: number): void {
    const rows = this.rows.peek()
    const at = rows.indexOf(this.selected.peek())
    const row = rows[at < 0 ? 0 : Math.max(0, Math.min(rows.length - 1, at + by))]
    if (row !== undefined) this.select(row)
  }

  /** Moves among rows of a kind, around the ends. */
  stepAmong(list: readonly number[], by: 1 | -1): void {
    if (list.length === 0) return
    const now = this.selected.peek()
    const next = by > 0 ? list.find((row) => row > now) : list.findLast((row) => row < now)
    this.select(next ?? list.at(by > 0 ? 0 : -1)!)
  }

  fold(row: number, isFolded: boolean): void {
    const id = this.model.peek().ids[row]
    if (id === undefined || !this.model.peek().hasChildren(row)) return
    const folded = new Set(this.folded.peek())
    if (isFolded) folded.add(id)
    else folded.delete(id)
    this.folded.value = folded
  }

  /** Everything below the top. */
  foldAll(): void {
    const { count, ids, depth } = this.model.peek()
    const folded = new Set<string>()
    for (let row = 0; row < count; row++)
      if (depth[row]! > 0 && this.model.peek().hasChildren(row)) folded.add(ids[row]!)
    this.folded.value = folded
  }

  unfoldAll(): void {
    this.folded.value = new Set()
  }

  unfoldTo(row: number): void {
    if (row < 0) return
    const hidden = this.model
      .peek()
      .ancestors(row)
      .map((up) => this.model.peek().ids[up]!)
    const folded = this.folded.peek()
    if (hidden.some((id) => folded.has(id)))
      this.folded.value = new Set([...folded].filter((id) => !hidden.includes(id)))
  }

  look(window: Window): void {
    this.window.value = clamped(window, this.model.peek().duration)
    this.#keep()
  }

  lookAtAll(): void {
    this.look({ from: 0, to: this.model.peek().duration })
  }

  /** @param at share of the window that stays where it is */
  zoom(factor: number, at = 0.5): void {
    const { from, to } = this.window.peek()
    const fixed = from + (to - from) * at
    this.look({ from: fixed - (fixed - from) * factor, to: fixed + (to - fixed) * factor })
  }

  /** @param share of the window */
  pan(share: number): void {
    const { from, to } = this.window.peek()
    const { duration } = this.model.peek()
    const by = Math.max(-from, Math.min(duration - to, (to - from) * share))
    this.look({ from: from + by, to: to + by })
  }

  lookAtSpan(row: number): void {
    const { start, end } = this.model.peek()
    if (row < 0) return
    const length = Math.max(end[row]! - start[row]!, MIN_WINDOW_US)
    this.look({ from: start[row]! - length * 0.1, to: end[row]! + length * 0.1 })
  }

  toggleCritical(): void {
    this.showsCritical.value = !this.showsCritical.peek()
    this.#keep()
  }

  /** Writes into the address what it should hold; a browser takes only so many changes a second. */
  #keep(): void {
    clearTimeout(this.#timer)
    const span = spanInAddress()
    this.#timer = setTimeout(() => {
      // A link has led to another span meanwhile, which is not selected yet.
      if (spanInAddress() === span) this.#write()
    }, ADDRESS_MS)
  }

  #write(): void {
    if (route.peek().rest[0] !== this.model.peek().skeleton.id || route.peek().page !== 'trace') return
    const { from, to } = this.window.peek()
    setParams({
      span: this.selectedId.peek(),
      zoom: this.isZoomed ? `${Math.round(from)}-${Math.round(to)}` : '',
      critical: this.showsCritical.peek() ? '1' : '',
    })
  }
}

const spanInAddress = (): string | null => route.peek().params.get('span')

function clamped({ from, to }: Window, duration: number): Window {
  const length = Math.min(duration, Math.max(to - from, MIN_WINDOW_US))
  const start = Math.max(0, Math.min(from, duration - length))
  return { from: start, to: start + length }
}
