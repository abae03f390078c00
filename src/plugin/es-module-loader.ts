// The module hook behind es-modules.ts: appends to the ES modules of some packages a line that hands over what they export. Node runs
// it in the program's thread, or where it cannot, in a thread of its own.
//
// Source: Node's documentation, "Customization Hooks".

import { fileURLToPath } from 'node:url'
import { packageFileOf } from './package-file'

interface Loaded {
  readonly format?: string | null
  readonly source?: string | Uint8Array | ArrayBuffer | null
}

type NextLoad<Result> = (url: string, context: unknown) => Result
export type Load = (url: string, context: unknown, nextLoad: NextLoad<Loaded>) => Loaded

let wanted: ReadonlySet<string> = new Set()
let listenerUrl = ''

/** @param listener the URL of the file whose `evaluated` is to be called */
export function initialize({ packages, listener }: { packages: readonly string[]; listener: string }): void {
  wanted = new Set(packages)
  listenerUrl = listener
}

export const loadSync: Load = (url, context, nextLoad) => {
  const loaded = nextLoad(url, context)
  return isWanted(url) ? withLine(url, loaded) : loaded
}

/** What Node calls in a thread of its own. */
export async function load(url: string, context: unknown, nextLoad: NextLoad<Promise<Loaded>>): Promise<Loaded> {
  const loaded = await nextLoad(url, context)
  return isWanted(url) ? withLine(url, loaded) : loaded
}

function isWanted(url: string): boolean {
  if (!url.startsWith('file:')) return false
  const file = packageFileOf(fileURLToPath(url))
  return file !== undefined && wanted.has(file.name)
}

function withLine(url: string, loaded: Loaded): Loaded {
  const { format, source } = loaded
  if (format !== 'module' || source === null || source === undefined) return loaded
  const text = typeof source === 'string' ? source : new TextDecoder().decode(source)
  const [self, listener] = [url, listenerUrl].map((one) => JSON.stringify(one))
  // A module that imports itself gets its own exports, which are complete on its last line.
  const line = `import * as __dd_self from ${self};import __dd_listener from ${listener};__dd_listener.evaluated(${self},__dd_self);`
  return { ...loaded, source: `${text}\n${line}\n` }
}
