// Sends the last spans when the process ends, without changing how it ends.
//
// `beforeExit` allows one more request. A signal that nobody else listens for would have killed the process: it is held up
// for the flush, then raised again, so that the parent sees the same end. Where the program listens itself, ending is
// its own affair and this only flushes.
//
// Listeners of the program may look at each other, so ours is first to run, to see a `once` listener that is about to go, and
// gone while the others do, because some (`signal-exit`) end the process only if they are alone.

/** How long a signal is held up at most. */
const SIGNAL_FLUSH_MS = 1000

const SIGNALS = ['SIGTERM', 'SIGINT'] as const

/** Starts watching; returns the function that stops it. `flush` must not reject. */
export function flushOnExit(flush: () => Promise<void>): () => void {
  let isWatching = true
  const onBeforeExit = () => void flush()
  const listen = (signal: NodeJS.Signals) => {
    if (isWatching) process.prependOnceListener(signal, onSignal)
  }
  const onSignal = (signal: NodeJS.Signals) => {
    const others = process.listenerCount(signal)
    const flushed = flush()
    if (others > 0) {
      setImmediate(listen, signal)
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
  for (const signal of SIGNALS) listen(signal)
  return () => {
    isWatching = false
    process.removeListener('beforeExit', onBeforeExit)
    for (const signal of SIGNALS) process.removeListener(signal, onSignal)
  }
}
