// winston: the ids of the active span in each record, as `dd`.
//
// Version 3 is a stream that may keep a record until later, so `dd` goes in where it is written, in the context of its caller;
// child loggers write to their parent. Version 2 hands text and metadata to each of its transports.

import { definePlugin, type Patcher } from '../src/plugin'
import { withContext } from './log-record'

type Written = [info: unknown, ...rest: unknown[]]

function patchStream({ prototype }: { prototype: { write(...args: Written): boolean } }, patcher: Patcher): void {
  patcher.wrap(prototype, 'write', (original) => {
    return {
      write(this: unknown, ...args: Written) {
        const info = patcher.guarded('write', () => withContext(args[0], patcher))
        if (info !== undefined) args[0] = info
        return Reflect.apply(original, this, args)
      },
    }.write
  })
}

interface Transport {
  log(level: string, message: string, metadata: unknown, ...rest: unknown[]): unknown
}

interface OldLogger {
  readonly transports: Readonly<Record<string, Transport>>
  add(...args: unknown[]): unknown
}

/** `configure` adds too, and so does the constructor. */
function patchTransports({ Logger: { prototype } }: { Logger: { prototype: OldLogger } }, patcher: Patcher): void {
  const patched = new WeakSet<object>()

  function patchTransport(transport: Transport): void {
    // Its class, so that nothing is kept for each logger; a transport may also be an object with a method.
    const target = Object.hasOwn(transport, 'log') ? transport : (Object.getPrototypeOf(transport) as Transport)
    if (patched.has(target)) return
    patched.add(target)
    patcher.wrap(target, 'log', (original) => {
      return {
        log(this: unknown, ...args: unknown[]) {
          const metadata = patcher.guarded('log', () => withContext(args[2] ?? {}, patcher))
          if (metadata !== undefined) args[2] = metadata
          return Reflect.apply(original, this, args)
        },
      }.log
    })
  }

  patcher.wrap(prototype, 'add', (original) => {
    return {
      add(this: OldLogger, ...args: unknown[]) {
        const result = Reflect.apply(original, this, args) as unknown
        patcher.guarded('add', () => Object.values(this.transports).forEach(patchTransport))
        return result
      },
    }.add
  })
}

export default definePlugin({
  name: 'winston',
  hooks: [
    { module: 'winston', versions: '>=3 <4', file: 'lib/winston/logger.js', patch: patchStream },
    { module: 'winston', versions: '>=2 <3', file: 'lib/winston/logger.js', patch: patchTransports },
  ],
})
