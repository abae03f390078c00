// The plugin `console`, for programs that log JSON by the global console: the ids of the active span in each line, as `dd`. Off by
// default.
//
// A line is one argument, the text of a JSON object without line breaks. Anything else is for people to read, and printed as it is.

import { definePlugin, type Patcher } from '../src/plugin'

const METHODS = ['debug', 'error', 'info', 'log', 'warn'] as const

type Printer = Record<(typeof METHODS)[number], (...args: unknown[]) => void>

function objectOf(text: string): object | undefined {
  try {
    return JSON.parse(text) as object
  } catch {
    return undefined
  }
}

/** The line with `dd` in it; undefined to leave it. */
function withContext(text: unknown, patcher: Patcher): string | undefined {
  if (typeof text !== 'string' || !text.startsWith('{') || !text.endsWith('}') || text.includes('\n')) return undefined
  const object = objectOf(text)
  if (object === undefined || Object.hasOwn(object, 'dd')) return undefined
  const dd = patcher.tracer.logJson()
  if (dd === undefined) return undefined
  const comma = Object.keys(object).length === 0 ? '' : ','
  return `${text.slice(0, -1)}${comma}"dd":${dd}}`
}

export default definePlugin({
  name: 'console',
  hooks: [
    {
      module: 'console',
      patch(printer: Printer, patcher: Patcher) {
        for (const method of METHODS) {
          patcher.wrap(printer, method, (original) => {
            return {
              print(this: unknown, ...args: unknown[]) {
                const line =
                  args.length === 1 ? patcher.guarded(method, () => withContext(args[0], patcher)) : undefined
                return Reflect.apply(original, this, line === undefined ? args : [line])
              },
            }.print
          })
        }
      },
    },
  ],
})
