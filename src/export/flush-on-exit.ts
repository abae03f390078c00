// Sends the last spans when the process ends, without changing how it ends.
//
// `beforeExit` allows one more request. A signal that nobody else listens for would have killed the process: it is held up
// for the flush, then raised again, so that the parent sees the same end. Where the program listens itself, ending is
// its own affair and this only flushes.

/** How long a signal is held up at most. */
const SIGNAL_FLUSH_MS = 1000

const SIGNALS = ['SIGTERM', 'SIGINT'] as const

/** Starts watching; returns the function that stops it. `flush` must not reject. */
export function flushOnExit(flush: () => Promise<void>): () => void {
  const onBeforeExit = () => void flush()
  const onSignal = (signal: NodeJS.Signals) => {
    const others = process.listenerCount(signal)
    const flushed = flush()
    if (others > 0) {
      process.once(signal, onSignal)
      return
    }
    const die = () => {
      clearTimeout(timer)
      process.kill(process.pid, signal)
    }
    const timer = setTimeout(die, SIGNAL_FLUSH_MS)
    void flushed.then(die)
  }
  process.on('beforeExit', onBeforeExit)
  for (const signal of SIGNALS) process.once(signal, onSignal)
  return () => {
    process.removeListener('beforeExit', onBeforeExit)
    for (const signal of SIGNALS) process.removeListener(signal, onSignal)
  }
}
