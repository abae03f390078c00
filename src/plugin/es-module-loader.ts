// The module hook behind es-modules.ts: makes the ES modules of some packages announce themselves. Node runs it in the program's
// thread, or where it cannot, in a thread of its own, which loads this file.
//
// Source: Node's documentation, "Customization Hooks".

import { fileURLToPath } from 'node:url'
import { quietly } from '../base/quietly'
import { announcement } from './announced-files'
import type { PluginEntry } from './contract'
import { announcing, isOriginal } from './es-module-source'
import { replacedExports } from './file-hooks'
import { type PackageFile, packageFileOf } from './package-file'

interface Loaded {
  readonly format?: string | null
  readonly source?: string | Uint8Array | ArrayBuffer | null
}

type NextLoad<Result> = (url: string, context: unknown) => Result

/** Which exports of a file are to be replaceable; undefined where nobody wants to know of its package. */
export type Wish = (file: PackageFile) => readonly string[] | undefined

/** What the thread of the hook is given. */
export interface LoaderData {
  /** The file that exports the list of plugins. */
  readonly plugins: string
}

let wish: Wish = () => undefined

/** Called by Node in the thread of the hook. */
export function initialize({ plugins }: LoaderData): void {
  const { plugins: entries } = require(plugins) as { plugins: readonly PluginEntry[] }
  wish = (file) => {
    const known = entries.filter(({ modules }) => modules.includes(file.name))
    if (known.length === 0) return undefined
    try {
      return known.flatMap((entry) => replacedExports(entry.load(), file))
    } catch {
      // A plugin that cannot be loaded is the affair of the program's thread, which says so.
      return []
    }
  }
}

/** Called by Node in the thread of the hook. */
export async function load(url: string, context: unknown, nextLoad: NextLoad<Promise<Loaded>>): Promise<Loaded> {
  const loaded = await nextLoad(url, context)
  return quietly('reading an ES module', () => withAnnouncement(url, loaded, wish)) ?? loaded
}

/** What has been loaded, and where it is an ES module of a wanted package, announces itself. */
export function withAnnouncement(url: string, loaded: Loaded, wanted: Wish): Loaded {
  const { format, source } = loaded
  if (format !== 'module' || !url.startsWith('file:') || source === null || source === undefined) return loaded
  const file = isOriginal(url) ? undefined : packageFileOf(fileURLToPath(url))
  const replaced = file === undefined ? undefined : wanted(file)
  if (file === undefined || replaced === undefined) return loaded
  const text = typeof source === 'string' ? source : new TextDecoder().decode(source)
  // Somebody else's copy of this hook has been here.
  if (text.includes('__dd_exports')) return loaded
  return { ...loaded, source: announcing(text, url, replaced, (fields) => announcement(file, { ...fields })) }
}
