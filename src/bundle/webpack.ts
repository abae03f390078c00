// `dd/webpack`: a plugin for webpack 5, which does what `dd/esbuild` does: it adds to the files that `dd` patches a line that announces
// them when they run.

import { join } from 'node:path'
import { knownFile, knownPackages } from './known-file'

/** As much of webpack as is used here, whose types would be a dependency. */
interface Compiler {
  readonly hooks: { readonly normalModuleFactory: Tappable<ModuleFactory> }
}

interface ModuleFactory {
  readonly hooks: { readonly afterResolve: Tappable<ResolveData> }
}

interface Tappable<Value> {
  tap(name: string, listener: (value: Value) => void): void
}

interface ResolveData {
  readonly request: string
  readonly createData: { resource?: string; loaders?: unknown[] }
}

const NAME = 'dd'
const LOADER = join(__dirname, 'webpack-loader.js')

const names = new Set(knownPackages)

/** The plugin: `plugins: [new DdWebpackPlugin()]`. Libraries that are `externals` are traced as ever; `dd` may be one, too. */
class DdWebpackPlugin {
  /** Called by webpack. */
  apply(compiler: Compiler): void {
    compiler.hooks.normalModuleFactory.tap(NAME, (factory) => {
      factory.hooks.afterResolve.tap(NAME, ({ request, createData }) => {
        const { resource, loaders } = createData
        // One with a query is the original of what another module stands for, or not Node's affair.
        if (resource === undefined || loaders === undefined || resource.includes('?')) return
        const known = knownFile(resource, isOfKnownPackage(request))
        if (known !== undefined) loaders.push({ loader: LOADER, options: { known }, ident: `dd ${resource}` })
      })
    })
  }
}

function isOfKnownPackage(request: string): boolean {
  const [first = '', second = ''] = request.split('/', 2)
  return names.has(first.startsWith('@') ? `${first}/${second}` : first)
}

export = DdWebpackPlugin
