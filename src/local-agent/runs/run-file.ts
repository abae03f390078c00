// The runs in their file: written in batches, the oldest out where there are too many of them, or too many bytes.
//
// Everything here is synchronous, and so lives in a thread of its own (`run-worker`).

import { openRunFile } from './open-run-file'
import type { Batch, RunContents, RunInfo, RunLimits, SeriesRecord, SpanRecord } from './run-record'
import type { Database, Statement } from './sqlite'

/** Of the current run, where it alone has too many bytes: of its traces, and of its logs. */
const EVICTED_SHARE = 0.1

/** Pages that are given back to the system after a batch. */
const VACUUM_PAGES = 2000

export interface ReadLimits {
  readonly maxTraces: number
  readonly maxSpans: number
  readonly maxBytes: number
  readonly maxLogs: number
  readonly maxSeries: number
}

export class RunFile {
  readonly isReadOnly: boolean
  readonly #database: Database
  readonly #statements = new Map<string, Statement>()
  /** Of this run, once something was written. */
  #run: number | undefined

  /**
   * @param start of this run, milliseconds since the Unix epoch
   * @throws RunFileError
   */
  constructor(
    file: string,
    private readonly limits: RunLimits,
    private readonly start: number,
  ) {
    const { database, isReadOnly } = openRunFile(file)
    this.#database = database
    this.isReadOnly = isReadOnly
  }

  /** The number of this run; undefined before anything was written. */
  get run(): number | undefined {
    return this.#run
  }

  write({ spans, logs, series }: Batch): void {
    if (this.isReadOnly) return
    this.#database.exec('BEGIN IMMEDIATE')
    try {
      const run = this.#ownRun()
      for (const { trace, span, body } of spans) {
        this.#do(
          'INSERT OR REPLACE INTO spans VALUES (?, ?, ?)',
          this.#numberOf('traces', 'id', run, trace),
          span,
          body,
        )
      }
      for (const body of logs) this.#do('INSERT INTO logs (run, body) VALUES (?, ?)', run, body)
      for (const { key, body, windows } of series) {
        const number = this.#numberOf('series', 'key', run, key)
        this.#do('UPDATE series SET body = ? WHERE seq = ?', body, number)
        for (const window of windows) {
          this.#do('INSERT OR REPLACE INTO windows VALUES (?, ?, ?)', number, window.start, window.body)
        }
      }
      this.#evict(run)
      this.#database.exec('COMMIT')
    } catch (error) {
      this.#database.exec('ROLLBACK')
      throw error
    }
    this.#database.exec(`PRAGMA incremental_vacuum(${VACUUM_PAGES})`)
  }

  /** The latest first. */
  runs(): RunInfo[] {
    const rows = this.#statement(`
      SELECT id, start, (SELECT count(*) FROM traces WHERE run = runs.id) AS traces,
        (SELECT count(*) FROM spans JOIN traces ON spans.trace = traces.seq WHERE traces.run = runs.id) AS spans,
        (SELECT count(*) FROM logs WHERE run = runs.id) AS logs
      FROM runs ORDER BY id DESC`).iterate()
    return [...rows] as unknown as RunInfo[]
  }

  /** Undefined if there is no such run. */
  read(run: number, limits: ReadLimits): RunContents | undefined {
    if (this.#statement('SELECT id FROM runs WHERE id = ?').get(run) === undefined) return undefined
    return { spans: this.#spans(run, limits), logs: this.#logs(run, limits), series: this.#series(run, limits) }
  }

  /** Of the pages that are in use. */
  get bytes(): number {
    const pragma = (name: string) => Number(this.#statement(`PRAGMA ${name}`).get()?.[name])
    return (pragma('page_count') - pragma('freelist_count')) * pragma('page_size')
  }

  close(): void {
    this.#statements.clear()
    this.#database.close()
  }

  #ownRun(): number {
    if (this.#run === undefined) {
      this.#run = Number(this.#statement('INSERT INTO runs (start) VALUES (?)').run(this.start).lastInsertRowid)
    }
    return this.#run
  }

  /** Of the row of a trace or series, which is made where there is none. */
  #numberOf(table: 'traces' | 'series', column: 'id' | 'key', run: number, value: string): number {
    const known = this.#statement(`SELECT seq FROM ${table} WHERE run = ? AND ${column} = ?`).get(run, value)
    if (known !== undefined) return Number(known['seq'])
    const sql =
      table === 'traces'
        ? 'INSERT INTO traces (run, id) VALUES (?, ?)'
        : `INSERT INTO series (run, key, body) VALUES (?, ?, '')`
    return Number(this.#statement(sql).run(run, value).lastInsertRowid)
  }

  #evict(current: number): void {
    const { maxRuns, maxBytes } = this.limits
    const others = this.#all('SELECT id FROM runs WHERE id <> ? ORDER BY id', current).map(({ id }) => Number(id))
    while (others.length >= maxRuns || (others.length > 0 && this.bytes > maxBytes)) this.#deleteRun(others.shift()!)
    // Each round takes a tenth of what is left.
    while (this.bytes > maxBytes && this.#shrink(current));
  }

  /** Returns whether there was anything. */
  #shrink(run: number): boolean {
    const oldest = (table: 'traces' | 'logs') =>
      this.#all(
        `SELECT seq FROM ${table} WHERE run = ? ORDER BY seq LIMIT
           (SELECT 1 + cast(count(*) * ${EVICTED_SHARE} AS INTEGER) FROM ${table} WHERE run = ?)`,
        run,
        run,
      ).map(({ seq }) => Number(seq))
    const [traces, logs] = [oldest('traces'), oldest('logs')]
    for (const seq of traces) {
      this.#do('DELETE FROM spans WHERE trace = ?', seq)
      this.#do('DELETE FROM traces WHERE seq = ?', seq)
    }
    for (const seq of logs) this.#do('DELETE FROM logs WHERE seq = ?', seq)
    return traces.length + logs.length > 0
  }

  #deleteRun(run: number): void {
    this.#do('DELETE FROM spans WHERE trace IN (SELECT seq FROM traces WHERE run = ?)', run)
    this.#do('DELETE FROM windows WHERE series IN (SELECT seq FROM series WHERE run = ?)', run)
    for (const table of ['traces', 'logs', 'series']) this.#do(`DELETE FROM ${table} WHERE run = ?`, run)
    this.#do('DELETE FROM runs WHERE id = ?', run)
  }

  /** Whole traces, the latest of them; in the order in which they began. */
  #spans(run: number, { maxTraces, maxSpans, maxBytes }: ReadLimits): SpanRecord[] {
    const traces: SpanRecord[][] = []
    let spans = 0
    let bytes = 0
    for (const { seq, id } of this.#statement('SELECT seq, id FROM traces WHERE run = ? ORDER BY seq DESC').iterate(
      run,
    )) {
      const rows = this.#all('SELECT span, body FROM spans WHERE trace = ?', Number(seq))
      const trace = rows.map(({ span, body }) => ({ trace: String(id), span: String(span), body: String(body) }))
      spans += trace.length
      bytes += trace.reduce((sum, { body }) => sum + body.length, 0)
      if (traces.length === maxTraces || spans > maxSpans || bytes > maxBytes) break
      traces.push(trace)
    }
    return traces.reverse().flat()
  }

  #logs(run: number, { maxLogs }: ReadLimits): string[] {
    const rows = this.#all('SELECT body FROM logs WHERE run = ? ORDER BY seq DESC LIMIT ?', run, maxLogs)
    return rows.map(({ body }) => String(body)).reverse()
  }

  #series(run: number, { maxSeries }: ReadLimits): SeriesRecord[] {
    const rows = this.#all('SELECT seq, key, body FROM series WHERE run = ? ORDER BY seq DESC LIMIT ?', run, maxSeries)
    return rows.map(({ seq, key, body }) => ({
      key: String(key),
      body: String(body),
      windows: this.#all('SELECT start, body FROM windows WHERE series = ? ORDER BY start', Number(seq)).map(
        (window) => ({
          start: Number(window['start']),
          body: String(window['body']),
        }),
      ),
    }))
  }

  #all(sql: string, ...values: (string | number)[]): Record<string, unknown>[] {
    return [...this.#statement(sql).iterate(...values)]
  }

  #do(sql: string, ...values: (string | number)[]): void {
    this.#statement(sql).run(...values)
  }

  #statement(sql: string): Statement {
    const known = this.#statements.get(sql)
    if (known !== undefined) return known
    const statement = this.#database.prepare(sql)
    this.#statements.set(sql, statement)
    return statement
  }
}
