// Has what is due sent, one flush at a time, and hands over what is left when the process ends.

import type { UnsentRequest } from '../../base/exit-delivery'
import { quietly } from '../../base/quietly'
import type { Delivery, DueBatches } from './due-batches'
import type { Fate, Problem, Sender } from './sender'

export interface CycleListener {
  /** Bodies that were taken, and attempts after a first one. */
  posted(requests: number, bytes: number, retries: number): void
  failed(problem: Problem): void
}

interface CycleParts {
  readonly due: DueBatches
  readonly sender: Sender
  readonly listener: CycleListener
  /** Runs a function so that nothing it starts is traced. */
  mute<T>(fn: () => T): T
}

export class FlushCycle {
  readonly #parts: CycleParts
  #flushing: Promise<boolean> = Promise.resolve(true)
  #flushes = 0
  /** What was taken and has not been settled yet. */
  readonly #open = new Set<Delivery>()
  /** Which of them the sender has. */
  #underWay: Delivery | undefined

  constructor(parts: CycleParts) {
    this.#parts = parts
  }

  get isFlushing(): boolean {
    return this.#flushes > 0
  }

  /**
   * Sends all that is due, after the flushes before it. Never rejects.
   * @param before the start of the first interval that is not, in seconds
   * @returns whether all of it was taken
   */
  flush(before: number): Promise<boolean> {
    this.#flushes++
    const flush = async () => {
      const isTaken = await quietly('sending metrics', () => this.#parts.mute(() => this.#flush(before)))
      for (const delivery of this.#open) this.#settle(delivery, [])
      this.#flushes--
      return isTaken ?? false
    }
    this.#flushing = this.#flushing.then(flush)
    return this.#flushing
  }

  /**
   * Everything that has not left the process, as requests; what they cannot bring is lost. For the `exit` of the process.
   * @param maxWaitMs for what another thread has half sent
   */
  takeUnsent(maxWaitMs: number): UnsentRequest[] {
    const { due, sender } = this.#parts
    const fates = sender.interrupt(maxWaitMs) ?? []
    for (const delivery of this.#open) this.#settle(delivery, delivery === this.#underWay ? fates : [])
    return due.take(Number.POSITIVE_INFINITY).flatMap((delivery) => this.#requestsOf(delivery))
  }

  #requestsOf(delivery: Delivery): UnsentRequest[] {
    const { sender, listener } = this.#parts
    const requests = sender.requests(delivery.batch)
    const fates = delivery.batch.items.map((): Fate => 'refused')
    let left = requests.length
    if (left === 0) delivery.settle(fates)
    return requests.map(({ options, proxy, bytes, from, to }) => ({
      options,
      proxy,
      bytes,
      settle: (why?: string) => {
        if (why === undefined) {
          fates.fill('taken', from, to)
          listener.posted(1, bytes.length, 0)
        }
        if (--left === 0) delivery.settle(fates)
      },
    }))
  }

  async #flush(before: number): Promise<boolean> {
    const { due, sender, listener } = this.#parts
    let isTaken = true
    let isAway = false
    for (const delivery of due.take(before)) this.#open.add(delivery)
    for (const delivery of this.#open) {
      if (isAway) {
        this.#settle(delivery, [])
        continue
      }
      this.#underWay = delivery
      const { fates, problems, requests, bytes, retries } = await sender.send(delivery.batch)
      this.#settle(delivery, fates)
      listener.posted(requests, bytes, retries)
      for (const problem of problems) listener.failed(problem)
      isTaken &&= fates.every((fate) => fate === 'taken')
      isAway ||= fates.includes('kept')
    }
    return isTaken
  }

  /** Once: the exit may have done it while the sender was at work. */
  #settle(delivery: Delivery, fates: readonly Fate[]): void {
    if (this.#open.delete(delivery)) delivery.settle(fates)
  }
}
