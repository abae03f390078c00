// Metrics of the process itself, every ten seconds, by the names of Datadog's tracers: CPU, memory, V8's heap, garbage collection, event
// loop, and what keeps the process busy. All of it is asked of Node; there is no native code.

import { freemem, totalmem } from 'node:os'
import { getHeapSpaceStatistics, getHeapStatistics } from 'node:v8'
import { monotonicMs } from '../../base/clock'
import { quietly } from '../../base/quietly'
import { EventLoopMetrics } from './event-loop-metrics'
import { GcMetrics } from './gc-metrics'
import type { RuntimeSink } from './runtime-sink'

interface RuntimeMetricsOptions {
  /** Whether to tell of garbage collection. Default: true. */
  readonly gc?: boolean | undefined
  /** Whether to tell of the event loop. Default: true. */
  readonly eventLoop?: boolean | undefined
  /** Default: 10,000. */
  readonly intervalMs?: number | undefined
}

const INTERVAL_MS = 10_000

/** Of `v8.getHeapStatistics`, by the names that they have there. */
const HEAP = [
  'total_heap_size',
  'total_heap_size_executable',
  'total_physical_size',
  'total_available_size',
  'heap_size_limit',
  'malloced_memory',
  'peak_malloced_memory',
  'number_of_native_contexts',
  'number_of_detached_contexts',
] as const

export class RuntimeMetrics {
  readonly #sink: RuntimeSink
  readonly #eventLoop: EventLoopMetrics | undefined
  readonly #gc: GcMetrics | undefined
  readonly #timer: NodeJS.Timeout
  #cpu = process.cpuUsage()
  #atMs = monotonicMs()

  /** Starts; the timer does not keep the process alive. */
  constructor(
    sink: RuntimeSink,
    { gc = true, eventLoop = true, intervalMs = INTERVAL_MS }: RuntimeMetricsOptions = {},
  ) {
    this.#sink = sink
    this.#eventLoop = eventLoop ? new EventLoopMetrics() : undefined
    this.#gc = gc ? new GcMetrics() : undefined
    this.#timer = setInterval(() => quietly('telling of the process', () => this.tell()), intervalMs).unref()
  }

  /** Records everything now. */
  tell(): void {
    this.#tellCpu()
    this.#tellMemory()
    this.#tellHeap()
    this.#tellResources()
    this.#eventLoop?.tell(this.#sink)
    this.#gc?.tell(this.#sink)
    // The clock begins with the process.
    this.#sink.gauge('runtime.node.process.uptime', Math.round(monotonicMs() / 1000))
  }

  stop(): void {
    clearInterval(this.#timer)
    this.#eventLoop?.stop()
    this.#gc?.stop()
  }

  /** In percent of one processor. */
  #tellCpu(): void {
    const atMs = monotonicMs()
    const { user, system } = process.cpuUsage(this.#cpu)
    const percent = (microseconds: number) => Math.round((microseconds / 10 / (atMs - this.#atMs)) * 100) / 100
    this.#sink.gauge('runtime.node.cpu.user', percent(user))
    this.#sink.gauge('runtime.node.cpu.system', percent(system))
    this.#sink.gauge('runtime.node.cpu.total', percent(user + system))
    this.#cpu = process.cpuUsage()
    this.#atMs = atMs
  }

  #tellMemory(): void {
    const { heapTotal, heapUsed, rss, external, arrayBuffers } = process.memoryUsage()
    this.#sink.gauge('runtime.node.mem.heap_total', heapTotal)
    this.#sink.gauge('runtime.node.mem.heap_used', heapUsed)
    this.#sink.gauge('runtime.node.mem.rss', rss)
    this.#sink.gauge('runtime.node.mem.external', external)
    this.#sink.gauge('runtime.node.mem.arrayBuffers', arrayBuffers)
    this.#sink.gauge('runtime.node.mem.total', totalmem())
    this.#sink.gauge('runtime.node.mem.free', freemem())
  }

  #tellHeap(): void {
    const heap = getHeapStatistics()
    for (const name of HEAP) this.#sink.gauge(`runtime.node.heap.${name}`, heap[name])
    for (const space of getHeapSpaceStatistics()) {
      const options = { tags: { heap_space: space.space_name } }
      this.#sink.gauge('runtime.node.heap.size.by.space', space.space_size, options)
      this.#sink.gauge('runtime.node.heap.used_size.by.space', space.space_used_size, options)
      this.#sink.gauge('runtime.node.heap.available_size.by.space', space.space_available_size, options)
      this.#sink.gauge('runtime.node.heap.physical_size.by.space', space.physical_space_size, options)
    }
  }

  /** Timers, sockets, requests … that keep the event loop going, by Node's names for them. */
  #tellResources(): void {
    const counts = new Map<string, number>()
    for (const type of process.getActiveResourcesInfo()) counts.set(type, (counts.get(type) ?? 0) + 1)
    for (const [type, count] of counts) {
      this.#sink.gauge('runtime.node.active_resources', count, { tags: { resource_type: type } })
    }
  }
}
