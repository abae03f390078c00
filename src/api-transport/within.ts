// Ends an exchange that takes too long, or that the program gives up, whether or not the client below heeds its signal.

import { ExchangeError, type ExchangeFailure, type ExchangeRequest } from './exchange'

interface WithinParts extends Pick<ExchangeRequest, 'timeoutMs' | 'signal'> {
  /** Whether the wait for an answer does. */
  readonly keepsProcess: boolean
  /** Whether the server may have taken the request by then. */
  readonly mayHaveArrived: () => boolean
}

/** What an exchange that the program's signal ended fails with. */
export const GIVEN_UP = 'it was given up by the program'

/** @param work is given a signal that says when to stop */
export async function within<T>(parts: WithinParts, work: (stop: AbortSignal) => Promise<T>): Promise<T> {
  const { timeoutMs, signal, keepsProcess, mayHaveArrived } = parts
  const stop = new AbortController()
  let giveUp = (_failure: ExchangeFailure, _why: string, _code?: string): void => {}
  const givenUp = new Promise<never>((_resolve, reject) => {
    giveUp = (failure, why, code) => {
      reject(new ExchangeError(failure, why, mayHaveArrived(), { code }))
      stop.abort()
    }
  })
  const deadline = setTimeout(() => giveUp('timeout', `no answer within ${timeoutMs} ms`), timeoutMs)
  if (!keepsProcess) deadline.unref()
  const abort = () => giveUp('aborted', GIVEN_UP, 'aborted')
  signal?.addEventListener('abort', abort)
  if (signal?.aborted) abort()
  try {
    return await Promise.race([givenUp, work(stop.signal)])
  } finally {
    clearTimeout(deadline)
    signal?.removeEventListener('abort', abort)
  }
}
