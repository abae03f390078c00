// How late the event loop is, and how busy.

import { type EventLoopUtilization, monitorEventLoopDelay, performance } from 'node:perf_hooks'
import { type RuntimeSink, tellTimes } from './runtime-sink'

/** Between two looks at the delay, in ms: Node's default. What it measures has this in it. */
const RESOLUTION_MS = 10

/** Whether Node can measure every turn of the loop, without waking it up, and nothing else is in that. An older one ignores the option. */
const MEASURES_TURNS = ((version) => {
  const [major = 0, minor = 0] = version.split('.').map(Number)
  return major > 26 || (major === 26 && minor >= 5) || (major === 24 && minor >= 19)
})(process.versions.node)

type DelayOptions = Parameters<typeof monitorEventLoopDelay>[0] & { readonly samplePerIteration: boolean }
const DELAY_OPTIONS: DelayOptions = { resolution: RESOLUTION_MS, samplePerIteration: MEASURES_TURNS }

export class EventLoopMetrics {
  readonly #delays = monitorEventLoopDelay(DELAY_OPTIONS)
  #utilization: EventLoopUtilization = performance.eventLoopUtilization()

  constructor() {
    this.#delays.enable()
  }

  tell(sink: RuntimeSink): void {
    tellTimes(sink, 'runtime.node.event_loop.delay', this.#delays, MEASURES_TURNS ? 0 : RESOLUTION_MS * 1e6)
    this.#delays.reset()
    const now = performance.eventLoopUtilization()
    const { utilization } = performance.eventLoopUtilization(now, this.#utilization)
    this.#utilization = now
    sink.gauge('runtime.node.event_loop.utilization', utilization)
  }

  stop(): void {
    this.#delays.disable()
  }
}
