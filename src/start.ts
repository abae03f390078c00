// The composition root: the one file that knows every layer. It reads the settings, builds the parts, and hands them to the
// `tracer` singleton and the plugins.

import { AsyncResource } from 'node:async_hooks'
import { existsSync } from 'node:fs'
import { plugins } from '../plugins'
import { uuid } from './base/id'
import { describe, log } from './base/log'
import { type Config, type InitOptions, pluginEnabledByEnv, readConfig } from './config/config'
import { flushOnExit } from './export/flush-on-exit'
import { LazyExporter } from './export/lazy-exporter'
import type { PluginOptions } from './plugin/contract'
import { Loader } from './plugin/loader'
import { PatchError } from './plugin/patch-error'
import { MUTED_CONTEXT } from './trace/context'
import { DatadogPropagator } from './trace/propagation/datadog-propagator'
import { Recorder } from './trace/recorder'
import { PrioritySampler } from './trace/sampling/priority-sampler'
import { AsyncLocalScope } from './trace/scope/async-local-scope'
import type { Scope } from './trace/scope/scope'
import { Tracer } from './trace/tracer'

const { version: tracerVersion } = require('../../package.json') as { version: string }

/** Where Agents listen on a host that shares its socket (Datadog's default path). */
const DEFAULT_SOCKET = '/var/run/datadog/apm.socket'

const offByDefault = plugins.filter((entry) => entry.isOffByDefault).map(({ name }) => name)

/** What `patchAll` and `patch` take for a plugin: on, off, or on with options. */
export type PluginSetting = boolean | PluginOptions

class DatadogTracer extends Tracer {
  #config: Config | undefined
  readonly #loader = new Loader(plugins, this)

  /**
   * Starts tracing. Options beat the environment, which beats the defaults (README, "Options"). A second call changes
   * nothing. Never throws: a value that does not fit is named in a warning and its default used.
   */
  init(options: InitOptions = {}): this {
    if (this.#config !== undefined) return this
    const config = readConfig(options)
    this.#config = config
    log.configure({ debug: config.debug })
    if (config.enabled) this.#start(config)
    return this
  }

  override shutdown(): Promise<void> {
    this.#config = undefined
    return super.shutdown()
  }

  /** @internal */
  patch(settings: Readonly<Record<string, PluginSetting | undefined>>, all: boolean, raiseErrors: boolean): void {
    const config = this.init().#config
    if (config === undefined || !this.isEnabled) return
    const problems: PatchError[] = []
    for (const name of Object.keys(settings)) {
      if (this.#loader.names.includes(name)) continue
      const known = this.#loader.names.join(', ')
      problems.push(new PatchError(`there is no plugin ${name}; there are: ${known}`, name))
    }
    const chosen = new Map<string, PluginOptions>()
    const defaults = pluginDefaults(config)
    for (const name of this.#loader.names) {
      const options = chosenOptions(settings[name], all && isOnByDefault(name, config))
      if (options !== undefined) chosen.set(name, withDefaults(options, defaults[name]))
    }
    this.#loader.enable(chosen, (problem) => problems.push(problem))
    for (const problem of problems) {
      if (raiseErrors) throw problem
      log.once(problem.message, problem.message)
    }
  }

  /** @internal */
  unpatchAll(): void {
    this.#loader.undo()
  }

  #start(config: Config): void {
    const sampler = new PrioritySampler(config.env)
    const scope = makeScope(config)
    // The connection outlives the request that opens it, and must not keep that in memory.
    const outside = new AsyncResource('dd')
    const url = agentUrl(config)
    const mute = <T>(fn: () => T) => outside.runInAsyncScope(() => scope.run(MUTED_CONTEXT, fn)) as T
    const exporter = new LazyExporter(() =>
      mute(() => {
        const { AgentExporter } = require('./export/agent-exporter') as typeof import('./export/agent-exporter')
        return new AgentExporter({
          ...config,
          url,
          tracerVersion,
          runtimeId: uuid,
          pid: process.pid,
          mute,
          onRates: (rates) => sampler.setAgentRates(rates),
        })
      }),
    )
    const recorder = new Recorder({
      emit: (chunk) => exporter.export(chunk),
      decide: (trace) => sampler.decide(trace),
      partialFlushMinSpans: config.partialFlushMinSpans,
      traceMaxAgeMs: config.traceMaxAgeMs,
    })
    const flush = (lastChance = false) => {
      recorder.releaseAll()
      return exporter.flush(lastChance)
    }
    const stopWatching = flushOnExit(() => flush(true))
    this.configure({
      service: config.service,
      scope,
      recorder,
      sampler,
      propagator: new DatadogPropagator(),
      traceId128Bit: config.traceId128Bit,
      flush,
      shutdown: async () => {
        this.#loader.undo()
        stopWatching()
        recorder.releaseAll()
        await exporter.shutdown()
      },
    })
  }
}

/** The one tracer of the process. */
export const tracer = new DatadogTracer()

export type { DatadogTracer }

/**
 * Patches every library there is a plugin for, now and whenever one is loaded, and starts the tracer if need be. Node's own
 * `child_process`, `dns`, `fs` and `net` are patched only if they are named, here or by their variable.
 * @param settings by plugin: false leaves one out, an object gives it options: `{ mysql: false, pg: { service: 'db' } }`.
 *   They beat `DD_TRACE_<NAME>_ENABLED` and `DD_TRACE_DISABLED_INSTRUMENTATIONS`. An unknown name is warned about.
 */
export function patchAll(settings: Readonly<Record<string, PluginSetting>> = {}): void {
  tracer.patch(settings ?? {}, true, false)
}

/**
 * Patches the named libraries only, and starts the tracer if need be.
 * @param settings by plugin: true, or an object of options. With `raiseErrors: true` an unknown name, or a library already
 *   loaded that cannot be patched, throws a PatchError; otherwise it is warned about.
 */
export function patch(settings: Readonly<Record<string, PluginSetting>> & { raiseErrors?: boolean }): void {
  const { raiseErrors = false, ...chosen } = settings
  tracer.patch(chosen as Record<string, PluginSetting>, false, raiseErrors === true)
}

/** Makes the packages of all plugins tell when they are imported as ES modules. */
export function watchEsModules(): void {
  const { watchEsModules: watch } = require('./plugin/es-modules') as typeof import('./plugin/es-modules')
  watch(plugins.flatMap(({ modules }) => modules))
}

/** Undoes what `patchAll` and `patch` did; spans made by hand go on. */
export function unpatchAll(): void {
  tracer.unpatchAll()
}

function isOnByDefault(plugin: string, config: Config): boolean {
  return (
    pluginEnabledByEnv(plugin) ?? !(offByDefault.includes(plugin) || config.disabledInstrumentations.includes(plugin))
  )
}

/** The options of a plugin that is to be on. */
function chosenOptions(setting: PluginSetting | null | undefined, isOn: boolean): PluginOptions | undefined {
  if (setting === undefined || setting === null) return isOn ? {} : undefined
  if (typeof setting !== 'object') return setting ? {} : undefined
  return setting.enabled === false ? undefined : setting
}

/** What the settings say about single plugins. */
function pluginDefaults(config: Config): Readonly<Record<string, PluginOptions>> {
  const { httpServerErrorStatuses, httpClientErrorStatuses, queryStringObfuscation, middlewareTracing } = config
  const middleware = { middleware: middlewareTracing }
  const http = {
    server: { errorStatuses: httpServerErrorStatuses, queryStringObfuscation },
    client: { errorStatuses: httpClientErrorStatuses },
  }
  return {
    http,
    http2: http,
    undici: { errorStatuses: httpClientErrorStatuses },
    express: middleware,
    router: middleware,
    connect: middleware,
    koa: middleware,
    hono: middleware,
  }
}

/** What is given beats the defaults, also inside groups of options such as `http.server`. */
function withDefaults(given: PluginOptions, defaults: PluginOptions | undefined): PluginOptions {
  const options: Record<string, unknown> = { ...defaults, ...given }
  for (const [key, group] of Object.entries(defaults ?? {})) {
    const own = given[key]
    if (typeof group === 'object' && typeof own === 'object' && own !== null) options[key] = { ...group, ...own }
  }
  return options
}

function makeScope(config: Config): Scope {
  if (config.scope === 'cls-hooked') {
    try {
      const { ClsScope } = require('./trace/scope/cls-scope') as typeof import('./trace/scope/cls-scope')
      return new ClsScope()
    } catch (error) {
      log.once(
        'cls-hooked',
        `cls-hooked cannot be used (${describe(error)}); install it, or leave DD_TRACE_SCOPE unset`,
      )
    }
  }
  return new AsyncLocalScope()
}

function agentUrl({ agentUrl: given, agentHost, agentPort }: Config): URL {
  const fallback = `http://${agentHost.includes(':') ? `[${agentHost}]` : agentHost}:${agentPort}`
  if (given !== undefined) {
    try {
      const url = new URL(given)
      if (['http:', 'https:', 'unix:'].includes(url.protocol)) return url
    } catch {
      // Said below, with the other kind of bad URL.
    }
    log.once('agentUrl', `DD_TRACE_AGENT_URL must begin with http://, https:// or unix://; ${fallback} is used instead`)
  } else if (agentHost === '127.0.0.1' && agentPort === 8126 && existsSync(DEFAULT_SOCKET)) {
    return new URL(`unix://${DEFAULT_SOCKET}`)
  }
  return new URL(fallback)
}
