// Sends the last spans and metrics when the process ends, without changing how it ends and without being seen: the program finds no
// listener that it has not put there, hears each `beforeExit`, `exit` and signal as often as ever, and the parent sees the same end.
//
// All that a process learns of its end passes through `process.emit`, so that is where we stand:
// - `beforeExit` is kept back while what waits is sent. Node says it again when that is done; the program hears it when nothing waits.
// - `exit` is the last moment of a process or a thread, however it came to it (`process.exit`, an exception). What waits is sent while
//   the thread stands still: before the program's listeners, of which one may end the process, and after them, for what they added.
// - A signal that nobody listens for would have killed the process. It is held up for the flush, then raised again.

import { uptimeMs } from './clock'
import { quietly } from './quietly'

/** How long `beforeExit`, a signal or the exit is held up at most. */
const MAX_DELAY_MS = 1000

/** What kills a process that does not listen. Node sets these to that even where the shell had them ignored, as `nohup` does. */
const SIGNALS: readonly (string | symbol)[] = ['SIGTERM', 'SIGINT', 'SIGHUP'] satisfies NodeJS.Signals[]

// Taken now, because a test of the program may put its own there.
const { clearInterval, clearTimeout, queueMicrotask, setImmediate, setInterval, setTimeout } = globalThis
const { nextTick } = process

interface ExitFlush {
  /** Sends what there is. */
  flush(): Promise<void>
  /** Sends what there is while the thread waits, for `maxWaitMs` at most; returns how long that was, in ms. */
  flushNow(maxWaitMs: number): number
}

type Emit = (this: NodeJS.Process, event: string | symbol, ...args: unknown[]) => boolean

const nothing = () => {}

/** Who has something to send. They share one watch, because Node tells of a signal only the first one that asked. */
const parts = new Set<ExitFlush>()
let stopWatching: (() => void) | undefined

/** Sends what `part` has when the process ends; returns the function that stops it. */
export function flushOnExit(part: ExitFlush): () => void {
  parts.add(part)
  stopWatching ??= watch()
  return () => {
    parts.delete(part)
    if (parts.size > 0) return
    stopWatching?.()
    stopWatching = undefined
  }
}

/** One that fails does not stop the others. */
async function flushParts(): Promise<void> {
  await Promise.all([...parts].map((part) => quietly('sending the last data', () => part.flush())))
}

/** Starts watching; returns the function that stops it. */
function watch(): () => void {
  let isWatching = true
  let isSent = false
  let keptBackMs = 0
  let leftMs = MAX_DELAY_MS

  const emitBefore = process.emit as Emit
  const wasOwn = Object.hasOwn(process, 'emit')

  const emit: Emit = function (event, ...args) {
    const emitIt = () => Reflect.apply(emitBefore, this, [event, ...args]) as boolean
    if (!isWatching) return emitIt()
    switch (event) {
      case 'beforeExit':
        if (isSent || keptBackMs > MAX_DELAY_MS) {
          isSent = false
          keptBackMs = 0
          return emitIt()
        }
        return quietly('holding up the end', keepBack) ?? emitIt()
      case 'exit':
        try {
          flushInTime()
          return emitIt()
        } finally {
          flushInTime()
        }
      case 'uncaughtException': {
        // A listener that throws ends the process without an `exit`. `finally`, because to throw again would show our line.
        let isFatal = true
        try {
          const isHeard = emitIt()
          isFatal = false
          return isHeard
        } finally {
          if (isFatal) flushInTime()
        }
      }
      case 'removeListener':
        if (args[1] === armed) return true
        try {
          return emitIt()
        } finally {
          if (args[1] !== disarmed && SIGNALS.includes(args[0] as string)) arm(args[0] as NodeJS.Signals)
        }
      default:
        return emitIt()
    }
  }

  async function flush(): Promise<void> {
    await quietly('sending the last data', flushParts)
  }

  /** Keeps the process from ending while a flush is under way, and lets Node say `beforeExit` once more. */
  function keepBack(): true {
    const startMs = uptimeMs()
    const hold = setInterval(nothing, MAX_DELAY_MS)
    let isDone = false
    void flush().then(() => {
      isDone = true
      clearInterval(hold)
      setImmediate(nothing)
      keptBackMs += uptimeMs() - startMs
    })
    // A flush with nothing to do is done when all microtasks are. After any other, whoever waited for it may go on, and make more.
    queueMicrotask(() => {
      nextTick(() => {
        isSent = isDone
      })
    })
    return true
  }

  function flushInTime(): void {
    for (const part of [...parts]) {
      leftMs -= quietly('sending the last data', () => part.flushNow(Math.max(leftMs, 0))) ?? 0
    }
  }

  /** What Node calls when a signal comes. A program that raises one by `process.emit` does not pass here. */
  const emitSignal: Emit = function (signal, ...args) {
    const { emit } = process as { emit: Emit }
    if (!isWatching || emit === emitSignal) return Reflect.apply(emitBefore, this, [signal, ...args])
    const flushed = flush()
    if (process.listenerCount(signal) > 0) return Reflect.apply(emit, this, [signal, ...args])
    disarm(signal as NodeJS.Signals)
    const die = () => {
      clearTimeout(timer)
      process.kill(process.pid, signal as NodeJS.Signals)
    }
    const timer = setTimeout(die, MAX_DELAY_MS)
    void flushed.then(die)
    return true
  }

  /**
   * Makes Node take the signal where nobody listens. It does so from the first listener on, calling the `process.emit` of that
   * moment, until it hears that the last has gone; of ours it does not hear that.
   */
  function arm(signal: NodeJS.Signals): void {
    if (process.listenerCount(signal) > 0) return
    const { emit } = process as { emit: Emit }
    setEmit(emitSignal)
    process.on(signal, armed)
    setEmit(emit)
    process.removeListener(signal, armed)
  }

  setEmit(emit)
  for (const signal of SIGNALS) arm(signal as NodeJS.Signals)
  return () => {
    isWatching = false
    if ((process.emit as Emit) === emit) {
      if (wasOwn) setEmit(emitBefore)
      else Reflect.deleteProperty(process, 'emit')
    }
    for (const signal of SIGNALS) {
      if (process.listenerCount(signal) === 0) disarm(signal as NodeJS.Signals)
    }
  }
}

// Listeners that come and go at once, and are told apart by their identity.
function armed(): void {}
function disarmed(): void {}

/** Leaves the signal to the system again. */
function disarm(signal: NodeJS.Signals): void {
  process.on(signal, disarmed)
  process.removeListener(signal, disarmed)
}

function setEmit(value: Emit): void {
  Object.defineProperty(process, 'emit', { value, writable: true, enumerable: false, configurable: true })
}
