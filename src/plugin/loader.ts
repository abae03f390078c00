// Brings plugins and libraries together: knows which libraries are wanted, loads a plugin when its library appears,
// checks the version, patches, and can undo it all.
//
// A failure here is one plugin's failure: it is said once and the others go on. Only a caller who asked for
// errors (`patch({ raiseErrors: true })`) gets them.

import { readFileSync } from 'node:fs'
import { isBuiltin, syncBuiltinESMExports } from 'node:module'
import { join } from 'node:path'
import { describe, log } from '../base/log'
import { quietly } from '../base/quietly'
import { MUTED_CONTEXT } from '../trace/context'
import type { Tracer } from '../trace/tracer'
import { beforeBuiltinLoads } from './builtin-hook'
import { listen } from './channels'
import type { Hook, Plugin, PluginEntry, PluginOptions } from './contract'
import { filesOf, hooksOf, replacedExports } from './file-hooks'
import { type LoadedModule, loadedPackageFiles, onPackageFileLoaded } from './module-hook'
import type { PackageFile } from './package-file'
import { PatchError } from './patch-error'
import { Patcher } from './patcher'
import { type Sighting, Sightings } from './sightings'
import { isInRange } from './version-range'

/** A plugin that is on. */
interface Enabled {
  readonly entry: PluginEntry
  readonly options: PluginOptions
  readonly patcher: Patcher
  plugin: Plugin | undefined
}

/** What came of a library that was seen, for those who ask. */
type Report = (problem: PatchError) => void

const warn: Report = (problem) => log.once(problem.message, problem.message)

export class Loader {
  readonly #entries: readonly PluginEntry[]
  readonly #tracer: Tracer
  readonly #enabled = new Map<string, Enabled>()
  /** Enabled plugins by the npm package they patch. */
  readonly #byPackage = new Map<string, Enabled[]>()
  readonly #versions = new Map<string, string>()
  readonly #seen = new WeakMap<LoadedModule, Set<Enabled>>()
  readonly #sightings = new Sightings()
  #stopWatching: (() => void) | undefined

  constructor(entries: readonly PluginEntry[], tracer: Tracer) {
    this.#entries = entries
    this.#tracer = tracer
  }

  /** The names of all plugins there are. */
  get names(): string[] {
    return this.#entries.map(({ name }) => name)
  }

  /** The names of the plugins that are on. */
  get enabled(): string[] {
    return [...this.#enabled.keys()]
  }

  /** What a plugin has seen of its libraries. */
  sightingsOf(plugin: string): Sighting[] {
    return this.#sightings.of(plugin)
  }

  /**
   * Turns plugins on: builtin modules and libraries already loaded are patched at once, others when they are loaded. A
   * plugin that is on already stays as it is.
   */
  enable(plugins: ReadonlyMap<string, PluginOptions>, report: Report = warn): void {
    const added: Enabled[] = []
    for (const entry of this.#entries) {
      const options = plugins.get(entry.name)
      if (options === undefined || this.#enabled.has(entry.name)) continue
      const patcher = new Patcher(entry.name, options, this.#tracer)
      const enabled: Enabled = { entry, options, patcher, plugin: undefined }
      this.#enabled.set(entry.name, enabled)
      added.push(enabled)
    }
    if (added.length === 0) return
    for (const enabled of added) quietly(`patching for ${enabled.entry.name}`, () => this.#attach(enabled, report))
    this.#stopWatching ??= onPackageFileLoaded(
      (name) => this.#byPackage.has(name),
      (file, module) => this.#loaded(file, module, warn, false),
      (file) => this.#replaced(file),
      (file) => this.#inner(file),
    )
    for (const [file, module] of loadedPackageFiles()) this.#loaded(file, module, report, true)
  }

  /** Undoes every patch, the last plugin's first, and turns all plugins off. */
  undo(): void {
    quietly('letting go of modules', () => this.#stopWatching?.())
    this.#stopWatching = undefined
    for (const { patcher } of [...this.#enabled.values()].reverse()) patcher.undo()
    this.#enabled.clear()
    this.#byPackage.clear()
    this.#sightings.clear()
    syncBuiltinESMExports()
  }

  #attach(enabled: Enabled, report: Report): void {
    const { modules, awaited = [], ofNode } = enabled.entry
    for (const name of modules) {
      if (isBuiltin(name) && awaited.includes(name)) {
        enabled.patcher.onUndo(beforeBuiltinLoads(name, () => this.#patchBuiltin(enabled, name, warn)))
      } else if (isBuiltin(name)) this.#patchBuiltin(enabled, name, report)
      else this.#byPackage.set(name, [...(this.#byPackage.get(name) ?? []), enabled])
    }
    // Without a library to wait for, there are only channels.
    if (modules.length === 0 || ofNode !== undefined)
      this.#try(enabled, 'its channels', report, () => ofNode !== undefined && this.#noteOfNode(enabled, ofNode))
  }

  #pluginOf(enabled: Enabled): Plugin {
    if (enabled.plugin !== undefined) return enabled.plugin
    // Stays when the file cannot be loaded, so that this is tried, and said, once.
    enabled.plugin = { name: enabled.entry.name }
    const plugin = enabled.entry.load()
    enabled.plugin = plugin
    for (const hook of plugin.channels ?? []) {
      enabled.patcher.onUndo(listen(hook, plugin.name, enabled.options, this.#tracer))
    }
    return plugin
  }

  #patchBuiltin(enabled: Enabled, name: string, report: Report): void {
    this.#try(enabled, name, report, (plugin) => {
      const exports: unknown = (process.getBuiltinModule ?? require)(name)
      for (const hook of plugin.hooks ?? []) {
        if (hook.module === name) hook.patch(exports as never, enabled.patcher as Patcher<never>)
      }
      this.#noteOfNode(enabled, name)
      syncBuiltinESMExports()
    })
  }

  #noteOfNode({ entry }: Enabled, library: string): void {
    const { version } = process
    this.#sightings.note(entry.name, { library, version, outcome: 'traced', isLate: false })
  }

  #loaded(file: PackageFile, module: LoadedModule, report: Report, late: boolean): void {
    for (const enabled of this.#byPackage.get(file.name) ?? []) {
      this.#try(enabled, `${file.name}/${file.file}`, report, (plugin) => {
        const hooks = hooksOf(plugin, file)
        if (hooks.length === 0 || this.#wasSeen(module, enabled)) return
        const version = this.#versionOf(file)
        const hook = hooks.find(({ versions }) => supports(version, versions))
        if (hook !== undefined) return this.#patch(enabled, hook, module, file, version, late)
        // A file that newer versions have no use for may still be there; what counts is that the plugin knows the version.
        const known = [...(plugin.hooks ?? []), ...(plugin.channels ?? [])].filter((one) => one.module === file.name)
        const ranges = known.map(({ versions }) => versions)
        if (!ranges.some((range) => supports(version, range))) {
          const problem = unsupported(enabled, file, version, ranges)
          const { message } = problem
          const sighting = { library: file.name, version, isLate: late, problem: message } as const
          this.#sightings.note(enabled.entry.name, { ...sighting, outcome: 'unsupported' })
          report(problem)
        } else {
          // By its channels, or by another file.
          const sighting = { library: file.name, version, outcome: 'traced', isLate: false } as const
          this.#sightings.note(enabled.entry.name, sighting)
        }
      })
    }
  }

  /** What plugins replace of an ES module that is about to be loaded. */
  #replaced(file: PackageFile): readonly string[] {
    const names: string[] = []
    for (const enabled of this.#byPackage.get(file.name) ?? []) {
      this.#try(enabled, `${file.name}/${file.file}`, warn, (plugin) => names.push(...replacedExports(plugin, file)))
    }
    return names
  }

  /** The files of the same package and version that plugins patch. */
  #inner(file: PackageFile): readonly string[] {
    const files: string[] = []
    for (const enabled of this.#byPackage.get(file.name) ?? []) {
      this.#try(enabled, file.name, warn, ({ hooks = [] }) => {
        const version = this.#versionOf(file)
        const own = hooks.filter(({ module, versions }) => module === file.name && supports(version, versions))
        files.push(...own.flatMap(filesOf))
      })
    }
    return files
  }

  #patch(enabled: Enabled, hook: Hook, module: LoadedModule, file: PackageFile, version: string, late: boolean): void {
    const { exports } = module
    const replaced = hook.patch(exports as never, enabled.patcher as Patcher<never>)
    if (replaced !== undefined) {
      module.exports = replaced
      enabled.patcher.onUndo(() => {
        if (module.exports === replaced) module.exports = exports
      })
    }
    if (late) {
      const reach = replaced === undefined ? '' : '; who had it before keeps it untraced'
      log.once(`late ${file.name}`, `${file.name} was loaded before dd and is patched in place${reach}`)
    }
    const sighting = { library: file.name, version, outcome: 'traced', isLate: late } as const
    this.#sightings.note(enabled.entry.name, sighting)
    log.debug(() => `patched ${file.name} ${version} ${file.file}`)
  }

  #wasSeen(module: LoadedModule, enabled: Enabled): boolean {
    const seen = this.#seen.get(module) ?? new Set()
    if (seen.has(enabled)) return true
    this.#seen.set(module, seen.add(enabled))
    return false
  }

  #versionOf({ folder, version: said }: PackageFile): string {
    let version = said ?? this.#versions.get(folder)
    if (version === undefined) {
      const manifest = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as { version?: unknown }
      version = String(manifest.version || 'without a version')
      this.#versions.set(folder, version)
    }
    return version
  }

  #try(enabled: Enabled, what: string, report: Report, step: (plugin: Plugin) => void): void {
    const { name } = enabled.entry
    try {
      // The files of a plugin are read in the middle of the program, which may have files traced.
      const run = () => step(this.#pluginOf(enabled))
      const scope = this.#tracer.scopeOrNothing
      if (scope === undefined) run()
      else scope.run(MUTED_CONTEXT, run)
    } catch (fault) {
      const problem = `the ${name} plugin cannot patch ${what} (${describe(fault)}); it is not traced`
      this.#sightings.note(name, { library: what, version: '', outcome: 'failed', isLate: false, problem })
      report(new PatchError(problem, name, { cause: fault }))
    }
  }
}

function supports(version: string, range: string | undefined): boolean {
  return range === undefined || isInRange(version, range)
}

function unsupported(
  { entry }: Enabled,
  { name }: PackageFile,
  version: string,
  ranges: readonly (string | undefined)[],
): PatchError {
  const supported = [...new Set(ranges)].join(' || ')
  return new PatchError(`${name} ${version} is not supported (only ${supported}); it is not traced`, entry.name)
}
