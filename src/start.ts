// The composition root: the one file that knows every layer. It reads the settings, builds the parts, and hands them to the
// `tracer` singleton and the plugins.

import { AsyncResource } from 'node:async_hooks'
import { join } from 'node:path'
import { plugins } from '../plugins'
import type { DogHttpApi } from './alone/api'
import { isUnwanted, joinFirstCopy } from './base/first-copy'
import { flushOnExit } from './base/flush-on-exit'
import { uuid } from './base/id'
import { log } from './base/log'
import { quietly } from './base/quietly'
import { agentUrl } from './config/agent-url'
import { type Config, type InitOptions, readConfig, readLogLevel } from './config/config'
import { nearestPackage } from './config/package-json'
import { PluginChoice } from './config/plugin-choice'
import type { AgentExporter } from './export/agent-exporter'
import type { ExporterCounts } from './export/export-counts'
import { LazyExporter } from './export/lazy-exporter'
import type { DogStatsApi } from './metrics/aggregator/dog-stats-api'
import type { DogstatsdCollector } from './metrics/collector/dogstatsd-collector'
import type { DogStatsd } from './metrics/dogstatsd/dogstatsd'
import type { PluginOptions } from './plugin/contract'
import { Loader } from './plugin/loader'
import { PatchError } from './plugin/patch-error'
import type { Integration } from './plugin/sightings'
import { tellUnseenPackagesNow } from './plugin/unseen-packages'
import type { TracerClients } from './start-clients'
import {
  agentKeys,
  makeLogContext,
  makePropagator,
  makeScope,
  namingOf,
  ruleSampler,
  singleSpanSampler,
} from './start-parts'
import { MUTED_CONTEXT } from './trace/context'
import type { LogContext } from './trace/log-context'
import { renamed } from './trace/naming'
import { useTracer } from './trace/pin'
import type { CompositePropagator } from './trace/propagation/composite-propagator'
import { Recorder } from './trace/recorder'
import { PrioritySampler } from './trace/sampling/priority-sampler'
import type { Scope } from './trace/scope/scope'
import { Tracer } from './trace/tracer'

const { version: tracerVersion } = require('../../package.json') as { version: string }

/** What `patchAll` and `patch` take for a plugin: on, off, or on with options. */
export type PluginSetting = boolean | PluginOptions

export class DatadogTracer extends Tracer {
  #config: Config | undefined
  readonly #loader = new Loader(plugins, this)
  #counts: () => ExporterCounts | undefined = () => undefined
  #choice: PluginChoice | undefined
  readonly #outside = new AsyncResource('dd')
  #made: TracerClients | undefined

  /**
   * Starts tracing. Options beat the environment, which beats the defaults (README, "Options"). A second call changes
   * nothing. Never throws: a value that does not fit is named in a warning and its default used.
   */
  init(options: InitOptions = {}): this {
    if (this.#config !== undefined || isUnwanted) return this
    quietly('starting, so that nothing is traced', () => this.#configure(options))
    return this
  }

  #configure(options: InitOptions): void {
    log.configure({ level: readLogLevel(options) })
    const read = readConfig(options)
    const config = { ...read, service: renamed(read.service, namingOf(read)) }
    this.#config = config
    this.#choice = new PluginChoice(config)
    if (config.enabled) this.#start(config)
  }

  /**
   * Metrics, sent to the Datadog Agent over DogStatsD: counts, gauges, histograms, distributions, sets, timings, events and service checks.
   * The options are those of the tracer; before `init()` they are read from the environment.
   */
  get statsd(): DogStatsd {
    return this.#clients.statsd
  }

  /**
   * Collects what belongs together and sends it as one line per series: inside of a traced request what that records, until its response is
   * closed; inside of `tracer.collector.run(fn)` what the job does. Anywhere else it sends at once, by `tracer.statsd`.
   */
  get collector(): DogstatsdCollector {
    return this.#clients.collector
  }

  /** Metrics that are aggregated here and posted to Datadog itself, without an Agent: `tracer.metrics.start()` begins that. */
  get metrics(): DogStatsApi {
    return this.#clients.aggregator
  }

  /**
   * Datadog's HTTP API: monitors, events, dashboards and the rest. Keys and site are those of the tracer; before `init()` they are read from
   * the environment. Its own requests are not traced.
   */
  get api(): DogHttpApi {
    return this.#clients.api
  }

  /** Made when it is first asked for. */
  get #clients(): TracerClients {
    if (this.#made === undefined) {
      const { TracerClients } = require('./start-clients') as typeof import('./start-clients')
      this.#made = new TracerClients({
        config: () => this.#config ?? readConfig(),
        scope: () => this.scopeOrNothing,
        mute: (fn) => this.#muted(this.scopeOrNothing, fn),
      })
    }
    return this.#made
  }

  override shutdown(): Promise<void> {
    this.#config = undefined
    return super.shutdown()
  }

  /** What is traced, what is not and why, and what became of the traces; `dog doctor` says it in plain words. */
  diagnostics(): Diagnostics {
    const config = this.#config
    const integrations = plugins.map((entry): Integration => {
      const { name } = entry
      const libraries = this.#loader.sightingsOf(name)
      if (this.#loader.enabled.includes(name))
        return { name, state: libraries.length > 0 ? 'on' : 'waiting', libraries }
      const reason = this.#choice?.whyOff(entry) ?? 'neither dd/init nor tracer.init() was run'
      return { name, state: 'off', reason, libraries }
    })
    return {
      version: tracerVersion,
      isEnabled: this.isEnabled,
      service: this.service,
      env: config?.env,
      serviceVersion: config?.version,
      integrations,
      traces: this.#counts(),
    }
  }

  /** @internal */
  patch(settings: Readonly<Record<string, PluginSetting | undefined>>, all: boolean, raiseErrors: boolean): void {
    const choice = this.init().#choice
    if (choice === undefined || !this.isEnabled) return
    const problems: PatchError[] = []
    quietly('patching, so that some libraries are not traced', () => this.#enable(settings, all, choice, problems))
    for (const problem of problems) {
      if (raiseErrors) throw problem
      log.once(problem.message, problem.message)
    }
  }

  #enable(
    settings: Readonly<Record<string, PluginSetting | undefined>>,
    all: boolean,
    choice: PluginChoice,
    problems: PatchError[],
  ): void {
    for (const name of Object.keys(settings)) {
      if (this.#loader.names.includes(name)) continue
      const known = this.#loader.names.join(', ')
      problems.push(new PatchError(`there is no plugin ${name}; there are: ${known}`, name))
    }
    this.#loader.enable(choice.choose(plugins, settings, all), (problem) => problems.push(problem))
  }

  /** @internal What it was started with. */
  get config(): Config | undefined {
    return this.#config
  }

  /** @internal */
  unpatchAll(): void {
    quietly('taking patches out', () => this.#loader.undo())
  }

  /** After the plugins have been chosen, which is the next thing a program does. */
  #sayStarted(config: Config, url: URL): void {
    const { startupLine } = require('./config/startup-line') as typeof import('./config/startup-line')
    const on = this.#loader.enabled
    const off = this.#loader.names.filter((name) => !on.includes(name))
    log.asked(startupLine(config, { tracerVersion, agentUrl: url, on, off }))
  }

  /** Runs what is `dd`'s own: without spans, and outside of the request that asks for it, which a connection would keep in memory. */
  #muted<T>(scope: Scope | undefined, fn: () => T): T {
    return this.#outside.runInAsyncScope(() => (scope === undefined ? fn() : scope.run(MUTED_CONTEXT, fn))) as T
  }

  #start(config: Config): void {
    const sampler = new PrioritySampler({ rules: ruleSampler(config), agentKey: agentKeys(config) })
    const spanSampler = singleSpanSampler(config)
    const naming = namingOf(config)
    const scope = makeScope(config)
    const url = agentUrl(config)
    const mute = <T>(fn: () => T) => this.#muted(scope, fn)
    let made: AgentExporter | undefined
    let uuidOfProcess: string | undefined
    const runtimeId = () => (uuidOfProcess ??= uuid())
    this.#counts = () => made?.counts
    const exporter = new LazyExporter(() =>
      mute(() => {
        const { AgentExporter } = require('./export/agent-exporter') as typeof import('./export/agent-exporter')
        const { aboutProcess } = require('./export/about-process') as typeof import('./export/about-process')
        made = new AgentExporter({
          ...config,
          ...aboutProcess(config, config.processTags ? nearestPackage()?.name : undefined),
          url,
          tracerVersion,
          runtimeId,
          pid: process.pid,
          mute,
          onRates: (rates) => sampler.setAgentRates(rates),
        })
        return made
      }),
    )
    const recorder = new Recorder({
      emit: (chunk) => exporter.export(chunk),
      decide: (trace) => sampler.decide(trace),
      ...(spanSampler === undefined ? {} : { markKeptSpans: (spans) => spanSampler.mark(spans) }),
      partialFlushMinSpans: config.partialFlushMinSpans,
      traceMaxAgeMs: config.traceMaxAgeMs,
    })
    const release = () => quietly('gathering finished spans', () => recorder.releaseAll())
    const flush = async (lastChance = false) => {
      release()
      await Promise.all([exporter.flush(lastChance), this.#made?.flush()])
    }
    if (config.runtimeMetrics) quietly('watching the process', () => this.#clients.watchProcess(config, runtimeId))
    if (config.startupLogs) {
      setImmediate(() => quietly('saying that it has started', () => this.#sayStarted(config, url))).unref()
    }
    const stopWatching = flushOnExit({
      flush: async () => {
        quietly('looking for unseen packages', tellUnseenPackagesNow)
        await flush(true)
      },
      flushNow: (maxWaitMs) => {
        release()
        const unsent = exporter.takeUnsent()
        if (unsent.length === 0) return 0
        const { deliver } = require('./base/exit-delivery') as typeof import('./base/exit-delivery')
        const { clientEnvironment } =
          require('./config/client-environment') as typeof import('./config/client-environment')
        return deliver(unsent, maxWaitMs, clientEnvironment())
      },
    })
    // A program that calls nobody and is not called needs none, and one that logs elsewhere needs no ids for that.
    let propagator: CompositePropagator | undefined
    let logs: LogContext | undefined
    this.configure({
      service: config.service,
      scope,
      recorder,
      sampler,
      get propagator() {
        propagator ??= makePropagator(config)
        return propagator
      },
      traceId128Bit: config.traceId128Bit,
      naming,
      get logs() {
        logs ??= makeLogContext(config)
        return logs
      },
      flush,
      shutdown: async () => {
        this.unpatchAll()
        quietly('leaving the exit to itself', stopWatching)
        release()
        await Promise.all([exporter.shutdown(), this.#made?.close()])
        scope.leave()
      },
    })
  }
}

/** What `tracer.diagnostics()` tells. */
export interface Diagnostics {
  /** Of `dd`. */
  readonly version: string
  /** Whether spans are made. */
  readonly isEnabled: boolean
  readonly service: string
  readonly env: string | undefined
  readonly serviceVersion: string | undefined
  readonly integrations: readonly Integration[]
  /** What became of the traces; undefined before the first one. */
  readonly traces: ExporterCounts | undefined
}

export { isHooksThread } from './plugin/node-hooks'

/** The one tracer of the process. */
export const tracer = new DatadogTracer()
useTracer(tracer)

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

/** Sees ES modules on every Node, also where that costs a thread. */
export function watchEsModules(): void {
  const { watchInOwnThread } = require('./plugin/es-modules') as typeof import('./plugin/es-modules')
  watchInOwnThread(join(__dirname, '..', 'plugins'))
}

/** Undoes what `patchAll` and `patch` did; spans made by hand go on. */
export function unpatchAll(): void {
  tracer.unpatchAll()
}

joinFirstCopy('start', module)
