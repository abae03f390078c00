// The logs that the local agent remembers, bounded in lines and memory: the oldest go first.
//
// `add` takes lines that a program writes; `put` takes what is a log already.

import { wallMs } from '../../base/clock'
import { exactJson } from '../exact-json'
import { ownText } from '../own-text'
import type { Log, LogStream, NewLog } from './log'
import { plainText } from './plain-text'
import { readLogLine } from './read-log-line'

interface LogLimits {
  readonly maxLogs: number
  readonly maxBytes: number
}

/** An hour of a talkative program. */
export const MAX_LOGS = 20_000

/** Estimated. */
const MAX_LOG_BYTES = 32 * 1024 * 1024

/** Of the message and of the attributes each, in characters. */
const MAX_TEXT = 64 * 1024

/** What a log takes without its texts. */
const LOG_BYTES = 300

/** Frames and causes of a stack trace: they belong to the line before, if that came just now. */
const CONTINUES = /^\s+at |^\s+\[cause\]:|^\s{4,}\S/
const JUST_NOW_MS = 500

export interface Written {
  readonly stream: Exclude<LogStream, 'otlp'>
  /** Of the program; a line may say another one itself. */
  readonly service: string
  /** A whole line, or several. */
  readonly text: string
}

/** A stack trace makes its message longer after it came. */
interface Entry {
  readonly log: { -readonly [K in keyof Log]: Log[K] }
  bytes: number
}

type LogListener = (log: Log) => void

interface LogFilter {
  readonly limit: number
  /** Only those with a smaller id. */
  readonly before?: number
  readonly isWanted?: (log: Log) => boolean
}

export class LogStore {
  evicted = 0
  /** Lines, messages and attributes that were longer than is kept. */
  cut = 0
  bytes = 0
  readonly limits: LogLimits
  readonly #now: () => number
  readonly #listeners = new Set<LogListener>()
  /** The oldest first, from `#first` on. */
  #logs: Entry[] = []
  #first = 0
  #lastId = 0
  /** Of what programs wrote. */
  #lastLine: { readonly entry: Entry; readonly at: number } | undefined

  /** @param options.now milliseconds since the Unix epoch */
  constructor(options: Partial<LogLimits> & { readonly now?: () => number } = {}) {
    const { maxLogs = MAX_LOGS, maxBytes = MAX_LOG_BYTES, now = wallMs } = options
    this.limits = { maxLogs, maxBytes }
    this.#now = now
  }

  get size(): number {
    return this.#logs.length - this.#first
  }

  /** Logs that were taken in all. */
  get received(): number {
    return this.#lastId
  }

  get counters() {
    const { received, evicted, cut, bytes, limits } = this
    return { received, logs: this.size, evicted, cut, bytes, ...limits }
  }

  subscribe(listener: LogListener): void {
    this.#listeners.add(listener)
  }

  /** Takes what a program wrote. */
  add({ stream, service, text: lines }: Written): void {
    const receivedAt = this.#now()
    for (const text of lines.split('\n')) {
      if (text.trim() === '' || this.#joinsLast(stream, text, receivedAt)) continue
      const entry = this.#put(readLogLine({ stream, service, text, receivedAt }))
      this.#lastLine = { entry, at: receivedAt }
    }
  }

  put(given: NewLog): Log {
    return this.#put(given).log
  }

  /** The latest first. */
  latest({ limit, before = Number.POSITIVE_INFINITY, isWanted = () => true }: LogFilter): Log[] {
    const found: Log[] = []
    for (let at = this.#logs.length - 1; at >= this.#first && found.length < limit; at--) {
      const { log } = this.#logs[at]!
      if (log.id < before && isWanted(log)) found.push(log)
    }
    return found
  }

  #put(given: NewLog): Entry {
    const message = this.#short(given.message)
    const attributes = this.#shortAttributes(given.attributes)
    const entry: Entry = {
      log: { id: ++this.#lastId, ...given, message, attributes: attributes.kept },
      bytes: LOG_BYTES + (message.length + attributes.length) * 2,
    }
    this.#logs.push(entry)
    this.bytes += entry.bytes
    while (this.size > this.limits.maxLogs || this.bytes > this.limits.maxBytes) this.#evictOldest()
    for (const listener of this.#listeners) listener(entry.log)
    return entry
  }

  #joinsLast(stream: LogStream, text: string, now: number): boolean {
    const last = this.#lastLine
    if (last === undefined || now - last.at > JUST_NOW_MS || !CONTINUES.test(text)) return false
    const { entry } = last
    const added = plainText(text)
    if (entry.log.stream !== stream || entry.log.message.length + added.length >= MAX_TEXT) return false
    entry.log.message += `\n${added}`
    entry.bytes += added.length * 2
    // It may be out already.
    if (entry.log.id > this.#lastId - this.size) this.bytes += added.length * 2
    return true
  }

  #short(text: string): string {
    if (text.length <= MAX_TEXT) return text
    this.cut++
    return `${ownText(text.slice(0, MAX_TEXT))}…`
  }

  /** Those that come first, as far as there is room. */
  #shortAttributes(attributes: NewLog['attributes']): { kept: NewLog['attributes']; length: number } {
    let length = 0
    let isCut = false
    const kept: [string, unknown][] = []
    for (const [key, value] of Object.entries(attributes)) {
      const size = key.length + (exactJson(value) ?? '').length
      if (length + size > MAX_TEXT) isCut = true
      else {
        length += size
        kept.push([key, value])
      }
    }
    if (isCut) this.cut++
    return { kept: isCut ? Object.fromEntries(kept) : attributes, length }
  }

  #evictOldest(): void {
    const oldest = this.#logs[this.#first]
    if (oldest === undefined) return
    this.bytes -= oldest.bytes
    this.evicted++
    this.#first++
    // Now and then, because moving all of them for each one that goes takes long.
    if (this.#first * 2 > this.#logs.length) {
      this.#logs = this.#logs.slice(this.#first)
      this.#first = 0
    }
  }
}
