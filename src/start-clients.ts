// The clients of the `tracer` singleton, of metrics and of Datadog's API: made when a program first asks for them, from the tracer's settings.

import { isMainThread } from 'node:worker_threads'
import type { DogHttpApi } from './alone/api'
import { apiEnvironment } from './api-transport/api-settings'
import { RUNTIME_ID } from './base/tags'
import { apiEnvironmentOf } from './config/api-environment'
import type { Config } from './config/config'
import { metricsEnvironment } from './config/metrics-environment'
import type { DogStatsApi } from './metrics/aggregator/dog-stats-api'
import type { DogstatsdCollector } from './metrics/collector/dogstatsd-collector'
import type { RequestCollectors } from './metrics/collector/request-collectors'
import type { DogStatsd } from './metrics/dogstatsd/dogstatsd'
import { useEnvironment } from './metrics/metrics-environment'
import type { RuntimeMetrics } from './metrics/runtime/runtime-metrics'
import type { Scope } from './trace/scope/scope'

export interface ClientsParts {
  /** What the tracer was started with, or would be. */
  config(): Config
  /** While the tracer is on. */
  scope(): Scope | undefined
  /** Runs what opens connections of `dd`'s own, so that they are not traced. */
  mute<T>(fn: () => T): T
}

export class TracerClients {
  readonly #parts: ClientsParts
  #statsd: DogStatsd | undefined
  #aggregator: DogStatsApi | undefined
  #api: DogHttpApi | undefined
  #collectors: RequestCollectors | undefined
  #runtime: RuntimeMetrics | undefined

  constructor(parts: ClientsParts) {
    this.#parts = parts
    useEnvironment(() => metricsEnvironment(parts.config()))
    apiEnvironment.use(() => apiEnvironmentOf(parts.config()))
  }

  get statsd(): DogStatsd {
    if (this.#statsd === undefined) {
      const { DogStatsd } = require('./metrics/dogstatsd/dogstatsd') as typeof import('./metrics/dogstatsd/dogstatsd')
      this.#statsd = new DogStatsd({ mute: this.#parts.mute })
    }
    return this.#statsd
  }

  get collector(): DogstatsdCollector {
    this.#collectors ??= this.#makeCollectors()
    return this.#collectors.active
  }

  get aggregator(): DogStatsApi {
    if (this.#aggregator === undefined) {
      const { DogStatsApi } =
        require('./metrics/aggregator/dog-stats-api') as typeof import('./metrics/aggregator/dog-stats-api')
      this.#aggregator = new DogStatsApi({ mute: this.#parts.mute })
    }
    return this.#aggregator
  }

  get api(): DogHttpApi {
    if (this.#api === undefined) {
      // As `dd/api` is, so that its errors are those that a program imports from there.
      const { DogHttpApi } = require('./alone/api') as typeof import('./alone/api')
      const { mute, config } = this.#parts
      this.#api = new DogHttpApi({}, { mute, environment: () => apiEnvironmentOf(config()) })
    }
    return this.#api
  }

  /** Begins to tell of the process itself: once, not in each of its threads. */
  watchProcess(config: Config, runtimeId: () => string): void {
    if (!isMainThread || this.#runtime !== undefined) return
    const { RuntimeMetrics } =
      require('./metrics/runtime/runtime-metrics') as typeof import('./metrics/runtime/runtime-metrics')
    const { service, runtimeMetricsRuntimeId } = config
    // A service that is only guessed is none of other metrics, but these are looked for by it.
    const tags = { service, ...(runtimeMetricsRuntimeId && { [RUNTIME_ID]: runtimeId() }) }
    this.#runtime = new RuntimeMetrics(this.statsd.child({ tags }), {
      gc: config.runtimeMetricsGc,
      eventLoop: config.runtimeMetricsEventLoop,
      intervalMs: config.runtimeMetricsIntervalMs,
    })
  }

  /** They live as long as the process, because a program keeps one in a variable; the client may come and go. */
  #makeCollectors(): RequestCollectors {
    const { RequestCollectors } =
      require('./metrics/collector/request-collectors') as typeof import('./metrics/collector/request-collectors')
    const { scopeStore } =
      require('./metrics/collector/collector-store') as typeof import('./metrics/collector/collector-store')
    // Now, so that it is connected when the process ends.
    void this.statsd
    return new RequestCollectors(
      {
        increment: (...call) => this.statsd.increment(...call),
        histogram: (...call) => this.statsd.histogram(...call),
        gauge: (...call) => this.statsd.gauge(...call),
        set: (...call) => this.statsd.set(...call),
        distribution: (...call) => this.statsd.distribution(...call),
        timing: (...call) => this.statsd.timing(...call),
      },
      {},
      scopeStore(() => this.#parts.scope()),
    )
  }

  /** Sends what waits, also of requests and jobs that are under way. */
  async flush(): Promise<void> {
    this.#collectors?.flush()
    await Promise.all([this.#statsd?.flush(), this.#aggregator?.flush()])
  }

  /** Sends what waits and lets go of connections; clients are made anew when they are asked for again. */
  async close(): Promise<void> {
    this.#collectors?.end()
    this.#runtime?.stop()
    this.#runtime = undefined
    const [statsd, aggregator] = [this.#statsd, this.#aggregator]
    this.#statsd = this.#aggregator = this.#api = undefined
    await Promise.all([statsd?.close(), aggregator?.stop()])
  }
}
