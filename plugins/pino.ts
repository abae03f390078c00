// pino: the ids of the active span in each line, as `dd`.
//
// pino publishes `tracing:pino_asJson` since 9.10, but those messages only show a line: nothing in them reaches it, short of
// tampering with the logger while it writes. So every version is patched, in one place: the method that writes a line, on
// the prototype of all loggers, is given the line's time as text, and `dd` is put behind that. What the program gives comes later in
// the line, and a parser takes the last. A level that is off never gets here.

import { definePlugin, type Patcher } from '../src/plugin'

interface Logger {
  readonly [symbol: symbol]: unknown
}

function symbolNamed(name: string, target: object | null): symbol | undefined {
  if (target === null) return undefined
  const found = Object.getOwnPropertySymbols(target).find(({ description }) => description === name)
  return found ?? symbolNamed(name, Object.getPrototypeOf(target) as object | null)
}

/** @param exported the prototype of all loggers; since pino 6 a function that returns an heir of it */
function patchLoggers(exported: object | (() => object), patcher: Patcher): void {
  const prototype = typeof exported === 'function' ? (Object.getPrototypeOf(exported()) as Logger) : exported
  let bindings: symbol | undefined

  /** Whether the program has given the logger a `dd` of its own: its bindings are kept as the text `,"key":value…`. */
  function isBound(logger: Logger): boolean {
    if (bindings === undefined || !(bindings in logger)) bindings = symbolNamed('pino.chindings', logger)
    const text = bindings === undefined ? undefined : logger[bindings]
    if (typeof text !== 'string' || !text.includes('"dd":')) return false
    return Object.hasOwn(JSON.parse(`{${text.slice(1)}}`) as object, 'dd')
  }

  function textFor(logger: Logger, record: unknown): string | undefined {
    if (typeof record === 'object' && record !== null && Object.hasOwn(record, 'dd')) return undefined
    if (isBound(logger)) return undefined
    const dd = patcher.tracer.logJson()
    return dd === undefined ? undefined : `,"dd":${dd}`
  }

  patcher.wrap(prototype, symbolNamed('pino.asJson', prototype) as never, (original) => {
    return {
      // (record, message, level, time), without the message before pino 6
      asJson(this: Logger, ...args: unknown[]) {
        const text = patcher.guarded('asJson', () => textFor(this, args[0]))
        if (text !== undefined) args.push((args.pop() as string) + text)
        return Reflect.apply(original, this, args)
      },
    }.asJson
  })
}

export default definePlugin({
  name: 'pino',
  hooks: [{ module: 'pino', versions: '>=5 <11', file: 'lib/proto.js', patch: patchLoggers }],
})
