// A wait that can be cut short.

import { later } from '../base/later'

export class Pause {
  #end: (() => void) | undefined

  /** One at a time. */
  wait(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const end = () => {
        clearTimeout(timer)
        this.#end = undefined
        resolve()
      }
      const timer = later('waiting to send metrics', end, ms)
      this.#end = end
    })
  }

  /** Ends the wait, if there is one. */
  cut(): void {
    this.#end?.()
  }
}
