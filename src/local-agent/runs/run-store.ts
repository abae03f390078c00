// Keeps this run in a file, and gives back earlier ones: the agent's side of the thread that has the file.
//
// What comes waits in memory until the next batch, and a batch until the thread has taken it; where the disk does not keep up, what is too much is
// dropped and counted. Metrics are looked at from time to time, because their windows change until they are over.

import { join } from 'node:path'
import { Worker } from 'node:worker_threads'
import { wallMs } from '../../base/clock'
import type { MetricStore } from '../dogstatsd/metric-store'
import { MAX_WINDOWS, WINDOW_S } from '../dogstatsd/series'
import { MAX_SERIES } from '../dogstatsd/series-table'
import { exactJson } from '../exact-json'
import type { Log } from '../logs/log'
import { type LogStore, MAX_LOGS } from '../logs/log-store'
import type { StoreLimits, TraceStore } from '../trace-store'
import { type Batch, type RunContents, RunFileError, type RunInfo, type RunLimits, type SpanRecord } from './run-record'
import type { WorkerAnswer, WorkerData, WorkerRequest } from './run-worker'
import { sqliteProblem } from './sqlite'

export interface RunStoreOptions extends Partial<RunLimits> {
  readonly file: string
}

export const MAX_RUNS = 10
export const MAX_RUN_BYTES = 512 * 1024 * 1024

/** What is lost if the agent is killed. */
const BATCH_INTERVAL_MS = 500
/** The Agent's windows end after ten seconds; two are open at most. */
const SERIES_INTERVAL_MS = WINDOW_S * 1000
const OPEN_WINDOWS = 3

/** What may wait for the disk. */
const MAX_WAITING_BYTES = 64 * 1024 * 1024

export class RunStore {
  readonly #worker: Worker
  readonly #waiting = new Map<number, { resolve: (result: unknown) => void; reject: (error: Error) => void }>()
  #lastRequest = 0
  #spans: SpanRecord[] = []
  #logs: Log[] = []
  #bytes = 0
  #bytesUnderWay = 0
  #timers: NodeJS.Timeout[] = []
  #metrics: MetricStore | undefined
  /** Seconds since the Unix epoch. */
  #seriesWrittenS = 0
  #isClosed = false
  isReadOnly = false
  /** The number of this run; undefined before anything of it was kept. */
  run: number | undefined
  fileBytes = 0
  dropped = 0
  /** Why the last batch was not written. */
  problem: string | undefined

  private constructor(
    readonly file: string,
    readonly limits: RunLimits,
    data: WorkerData,
  ) {
    this.#worker = new Worker(join(__dirname, 'run-worker.js'), {
      workerData: data,
      // Node 22 would say on stderr that its SQLite is an experiment.
      execArgv: ['--disable-warning=ExperimentalWarning'],
    })
    this.#worker.on('message', (answer: WorkerAnswer) => this.#answered(answer))
    this.#worker.on('error', (error) => this.#ended(error))
    this.#worker.on('exit', () => this.#ended(new RunFileError('the thread of the runs has ended')))
  }

  /**
   * @param start of this run, milliseconds since the Unix epoch
   * @param limits of the traces that a run is read back with
   * Rejects with a `RunFileError` that says what is wrong with the file, or with this Node.
   */
  static async open(options: RunStoreOptions, start: number, limits: StoreLimits): Promise<RunStore> {
    const missing = sqliteProblem()
    if (missing !== undefined) throw new RunFileError(missing)
    const { file, maxRuns = MAX_RUNS, maxBytes = MAX_RUN_BYTES } = options
    const readLimits = { ...limits, maxLogs: MAX_LOGS, maxSeries: MAX_SERIES }
    const runs = new RunStore(file, { maxRuns, maxBytes }, { file, limits: { maxRuns, maxBytes }, readLimits, start })
    try {
      const { isReadOnly, bytes } = (await runs.#answerTo(0)) as { isReadOnly: boolean; bytes: number }
      runs.isReadOnly = isReadOnly
      runs.fileBytes = bytes
    } catch (error) {
      await runs.#worker.terminate()
      throw new RunFileError((error as Error).message)
    }
    runs.#worker.unref()
    return runs
  }

  get counters() {
    const { file, isReadOnly, run, fileBytes: bytes, dropped, problem, limits } = this
    return {
      file,
      isReadOnly,
      run,
      bytes,
      waitingBytes: this.#bytes + this.#bytesUnderWay,
      dropped,
      problem,
      ...limits,
    }
  }

  /** Keeps what comes to these stores from now on. */
  keep(stores: { readonly traces: TraceStore; readonly logs: LogStore; readonly metrics: MetricStore }): void {
    if (this.isReadOnly) return
    stores.traces.subscribe((trace, spans) => {
      for (const span of spans) this.#addSpan({ trace: trace.id, span: span.spanId, body: exactJson(span) })
    })
    stores.logs.subscribe((log) => {
      if (this.#hasRoom(log.message.length * 2)) this.#logs.push(log)
    })
    this.#metrics = stores.metrics
    this.#timers = [
      setInterval(() => void this.flush(), BATCH_INTERVAL_MS),
      setInterval(() => void this.flush(OPEN_WINDOWS), SERIES_INTERVAL_MS),
    ]
    for (const timer of this.#timers) timer.unref()
  }

  /**
   * Writes what waits.
   * @param windows how many of the last windows of each series that changed, 0 for none
   */
  async flush(windows = 0): Promise<void> {
    const logs = this.#logs.map((log) => exactJson(log))
    const batch: Batch = { spans: this.#spans, logs, series: windows > 0 ? this.#series(windows) : [] }
    if (batch.spans.length + batch.logs.length + batch.series.length === 0 || this.isReadOnly) return
    const bytes = this.#bytes
    this.#spans = []
    this.#logs = []
    this.#bytes = 0
    this.#bytesUnderWay += bytes
    try {
      const { run, bytes: fileBytes } = (await this.#ask({ do: 'write', batch })) as { run: number; bytes: number }
      this.run = run
      this.fileBytes = fileBytes
      this.problem = undefined
    } catch (error) {
      this.dropped += batch.spans.length + batch.logs.length
      this.problem = (error as Error).message
    } finally {
      this.#bytesUnderWay -= bytes
    }
  }

  /** The latest first. */
  async runs(): Promise<RunInfo[]> {
    await this.flush()
    return (await this.#ask({ do: 'runs' })) as RunInfo[]
  }

  /** Undefined if there is no such run, or not any more. */
  async read(run: number): Promise<RunContents | undefined> {
    return (await this.#ask({ do: 'read', run })) as RunContents | undefined
  }

  async close(): Promise<void> {
    for (const timer of this.#timers) clearInterval(timer)
    // The process does not end before what waits is written.
    if (!this.#isClosed) this.#worker.ref()
    await this.flush(MAX_WINDOWS)
    await this.#ask({ do: 'close' }).catch(() => {})
    this.#isClosed = true
    await this.#worker.terminate()
  }

  #addSpan(span: SpanRecord): void {
    if (this.#hasRoom(span.body.length * 2)) this.#spans.push(span)
  }

  #hasRoom(bytes: number): boolean {
    if (this.#bytes + this.#bytesUnderWay + bytes > MAX_WAITING_BYTES) {
      this.dropped++
      return false
    }
    this.#bytes += bytes
    return true
  }

  #series(windows: number): Batch['series'] {
    const since = this.#seriesWrittenS - windows * WINDOW_S
    this.#seriesWrittenS = wallMs() / 1000
    const all = this.#metrics?.latest(MAX_SERIES, windows) ?? []
    const changed = all.filter(({ windows: shown }) => (shown.at(-1)?.start ?? 0) >= since)
    return changed.map(({ windows: shown, ...body }) => ({
      key: [body.source, body.type, body.name, body.host, ...body.tags].join('\n'),
      body: exactJson(body),
      windows: shown.map(({ start, ...figures }) => ({ start, body: exactJson(figures) })),
    }))
  }

  #ask(request: { do: 'runs' | 'close' } | { do: 'write'; batch: Batch } | { do: 'read'; run: number }) {
    if (this.#isClosed) return Promise.reject(new RunFileError('the file of the runs is closed'))
    const id = ++this.#lastRequest
    this.#worker.postMessage({ id, ...request } satisfies WorkerRequest)
    return this.#answerTo(id)
  }

  #answerTo(id: number): Promise<unknown> {
    return new Promise((resolve, reject) => this.#waiting.set(id, { resolve, reject }))
  }

  #answered(answer: WorkerAnswer): void {
    const waiting = this.#waiting.get(answer.id)
    this.#waiting.delete(answer.id)
    if ('error' in answer) waiting?.reject(new RunFileError(answer.error))
    else waiting?.resolve(answer.result)
  }

  #ended(error: Error): void {
    this.#isClosed = true
    this.problem ??= error.message
    for (const { reject } of this.#waiting.values()) reject(error)
    this.#waiting.clear()
  }
}
