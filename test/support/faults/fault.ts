// The one fault of a process: which function fails, and how. Preloaded before a copy of `dd` made by `instrument.ts`.

export const FAULT_KEY = 'dd.test.fault'
/** How a program ends that has said what was wrong, and is no longer fit for more. */
export const UNFIT = 3

/** What a failing function does: throws an Error, throws what is none, or returns what nobody expects. */
export type Failing = 'error' | 'null' | 'garbage'

const GARBAGE = 'garbage of a test'

class Fault {
  /** The function that fails; none: -1. A process may be told from outside. */
  place = Number(process.env['DD_TEST_FAULT'] ?? -1)
  how: Failing = 'error'
  /** How often it has failed. */
  times = 0
  /** Where those that run are noted. */
  seen: Set<number> | undefined
  readonly ask: ((id: number) => boolean) & { garbage: unknown }

  constructor() {
    const ask = (id: number): boolean => {
      this.seen?.add(id)
      if (id !== this.place) return false
      this.times++
      if (this.how === 'garbage') return true
      throw this.how === 'null' ? null : new Error('made by a test')
    }
    this.ask = Object.assign(ask, { garbage: GARBAGE })
  }

  begin(place: number, how: Failing): void {
    this.place = place
    this.how = how
    this.times = 0
  }

  end(): void {
    this.place = -1
  }
}

export type { Fault }

const holder = globalThis as unknown as Record<symbol, Fault | undefined>
export const fault = holder[Symbol.for(FAULT_KEY)] ?? new Fault()
holder[Symbol.for(FAULT_KEY)] = fault
