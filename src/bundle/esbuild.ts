// `dd/esbuild`: a plugin for esbuild. What is in a bundle passes no loader, so it adds to the files that `dd` patches a line that
// announces them when they run (announced-files.ts). Nothing happens where `dd` is not there.

import { readFile } from 'node:fs/promises'
import { extname, join } from 'node:path'
import type { Loader, Plugin } from 'esbuild'
import { announced, knownFile, knownPackages } from './known-file'

/** The end of the path by which the module that takes the place of an original imports that. */
const ORIGINAL = '?dd'

/** Says that it is this plugin that asks where an import leads. */
const ASKING = Symbol('dd')

/**
 * Makes the plugin: `plugins: [dd()]`. It changes only files of libraries that `dd` traces and that are bundled; what is `external`
 * is traced as ever. `dd` may be either.
 */
function dd(): Plugin {
  return {
    name: 'dd',
    setup(build) {
      const entries = new Set<string>()
      const names = knownPackages.map((name) => name.replace(/[./]/g, '\\$&')).join('|')

      build.onResolve({ filter: new RegExp(`^(?:${names})(?:/|$)`) }, async ({ path, pluginData, ...from }) => {
        if (pluginData === ASKING) return undefined
        const { importer, namespace, resolveDir, kind } = from
        const found = await build.resolve(path, { importer, namespace, resolveDir, kind, pluginData: ASKING })
        if (found.errors.length === 0 && !found.external) entries.add(found.path)
        // Only asked: esbuild knows better how to say what is wrong, and what may be missing.
        return undefined
      })

      build.onResolve({ filter: /\?dd$/ }, ({ path, resolveDir }) => ({
        path: join(resolveDir, path.slice(0, -ORIGINAL.length)),
        suffix: ORIGINAL,
      }))

      const filter = new RegExp(
        `[\\\\/]node_modules[\\\\/](?:${names.replaceAll('\\/', '[\\\\/]')})[\\\\/].*\\.[cm]?js$`,
      )
      build.onLoad({ filter }, async ({ path, suffix }) => {
        const known = suffix === ORIGINAL ? undefined : knownFile(path, entries.has(path))
        if (known === undefined) return undefined
        const loader: Loader = build.initialOptions.loader?.[extname(path)] ?? 'js'
        return { contents: announced(await readFile(path, 'utf8'), path, known), loader, watchFiles: [path] }
      })
    },
  }
}

export = dd
