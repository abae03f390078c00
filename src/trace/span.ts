// The write side of a span: named work with a beginning, an end and tags.
//
// Its fields are laid out once and filled in by the tracer, so that all spans share one hidden class. Tags are one
// flat list of keys and values in turn: the encoder walks it as it is. Nothing here throws or fails on odd values,
// because it runs inside somebody else's program.

// For programs whose compiler does not know Symbol.dispose yet.
/// <reference lib="esnext.disposable" preserve="true" />

import { freshList } from '../base/fresh-list'
import { hex64 } from '../base/id'
import { log } from '../base/log'
import { ERROR_MESSAGE, ERROR_STACK, ERROR_TYPE, MEASURED } from '../base/tags'
import type { FinishedSpan, SpanEvent, SpanLink } from './chunk'
import { eachTag, textOf } from './tag-value'
import type { Trace } from './trace'

/** Tags per span; finding a key is a walk over the list, and a bounded list keeps that cheap. */
export const MAX_TAGS = 512
/** OpenTelemetry's defaults. */
export const MAX_EVENTS = 128
export const MAX_LINKS = 128

const UNFINISHED = -1

const hasOwn = Object.prototype.hasOwnProperty

export class Span implements FinishedSpan {
  error: 0 | 1 = 0
  durationUs = UNFINISHED
  readonly tags = freshList<string | number>()
  links: SpanLink[] | undefined = undefined
  events: SpanEvent[] | undefined = undefined

  /** @internal Use `tracer.startSpan`. */
  constructor(
    readonly trace: Trace,
    readonly idHigh: number,
    readonly idLow: number,
    readonly parentHigh: number,
    readonly parentLow: number,
    public name: string,
    public service: string,
    public resource: string,
    public type: string,
    /** Whole microseconds since the Unix epoch. */
    readonly startUs: number,
    /** The parent's service if the parent is in this process. */
    private readonly parentService: string | undefined,
  ) {
    trace.open++
  }

  /** The trace's id, 32 lower-case hex digits. */
  get traceId(): string {
    return this.trace.id
  }

  /** 16 lower-case hex digits. */
  get spanId(): string {
    return hex64(this.idHigh, this.idLow)
  }

  /** The parent's span id, 16 lower-case hex digits; undefined at the root of a trace. */
  get parentId(): string | undefined {
    return this.parentHigh === 0 && this.parentLow === 0 ? undefined : hex64(this.parentHigh, this.parentLow)
  }

  get isFinished(): boolean {
    return this.durationUs !== UNFINISHED
  }

  get isTopLevel(): boolean {
    return this.parentService !== this.service
  }

  /**
   * Sets a tag. Text, numbers and booleans are kept; an object is spread as `key.name`; undefined, null, functions and
   * numbers that are not finite are ignored. Some keys set a field instead: `service.name`, `resource.name`,
   * `span.type`, `error` (an Error or a boolean), `manual.keep`, `manual.drop`, `sampling.priority`, `measured`.
   */
  setTag(key: string, value: unknown): this {
    if (value === undefined || value === null) return this
    // Literals: an imported name is looked up again at each of these comparisons, a twentieth of what making a span takes.
    switch (key) {
      case 'service.name':
        this.service = textOf(value)
        break
      case 'resource.name':
        this.resource = textOf(value)
        break
      case 'span.type':
        this.type = textOf(value)
        break
      case 'error':
        if (typeof value === 'object' || isMessage(value)) this.setError(value)
        else this.error = value && value !== 'false' ? 1 : 0
        break
      case 'manual.keep':
        if (value !== false && value !== 'false') this.trace.decideManually(2)
        break
      case 'manual.drop':
        if (value !== false && value !== 'false') this.trace.decideManually(-1)
        break
      case 'sampling.priority': {
        const priority = manualPriority(value)
        if (priority !== undefined) this.trace.decideManually(priority)
        break
      }
      case 'measured':
        this.put(MEASURED, value ? 1 : 0)
        break
      case 'http.status_code':
        // The Agent looks for it among the texts.
        this.put(key, textOf(value))
        break
      case 'error.type':
      case 'error.message':
      case 'error.stack':
        this.error = 1
        eachTag(key, value, this)
        break
      default:
        if (typeof value === 'string') this.put(key, value)
        else eachTag(key, value, this)
    }
    return this
  }

  /** Sets several tags, each as `setTag` does. */
  setTags(tags: Readonly<Record<string, unknown>>): this {
    try {
      // Inside for-in V8 answers this form by itself; Object.hasOwn is a call for each key.
      for (const key in tags) if (hasOwn.call(tags, key)) this.setTag(key, tags[key])
    } catch {
      // No object, or one with a getter that throws: the tags before that stand.
    }
    return this
  }

  /** Sets a tag whose value is text. */
  setMeta(key: string, value: string): this {
    this.put(key, textOf(value))
    return this
  }

  /** Sets a tag whose value is a number; one that is not finite is ignored. */
  setMetric(key: string, value: number): this {
    if (Number.isFinite(value)) this.put(key, value)
    return this
  }

  /** The value of a tag as it will be sent, or undefined. */
  getTag(key: string): string | number | undefined {
    const { tags } = this
    for (let i = 0; i < tags.length; i += 2) if (tags[i] === key) return tags[i + 1]
    return undefined
  }

  /** Marks the span as failed and describes the error: any thrown value will do. */
  setError(error: unknown): this {
    this.error = 1
    try {
      if (typeof error === 'object' && error !== null) {
        const { name, message, stack, code } = error as Partial<Error & { code: unknown }>
        this.put(ERROR_TYPE, String(name ?? error.constructor?.name ?? 'Error'))
        // An AggregateError of Node's has no message, but a code (ECONNREFUSED).
        this.put(ERROR_MESSAGE, String(message || code || ''))
        if (stack !== undefined) this.put(ERROR_STACK, String(stack))
      } else if (error !== undefined && error !== null) {
        this.put(ERROR_TYPE, typeof error)
        this.put(ERROR_MESSAGE, String(error))
      }
    } catch {
      // An error with throwing getters still marks the span.
    }
    return this
  }

  /** Notes something that happened, at `timeMs` since the epoch (default: now). */
  addEvent(name: string, attributes?: Readonly<Record<string, string | number | boolean>>, timeMs?: number): this {
    const timeUs = this.trace.usOf(timeMs)
    this.events ??= []
    if (this.events.length >= MAX_EVENTS) return tooMany(this, MAX_EVENTS, 'events')
    this.events.push(attributes === undefined ? { name, timeUs } : { name, timeUs, attributes })
    return this
  }

  /** Links to another span, of this or another trace. */
  addLink(to: { traceId: string; spanId: string }, attributes?: Readonly<Record<string, string>>): this {
    const { traceId, spanId } = to
    this.links ??= []
    if (this.links.length >= MAX_LINKS) return tooMany(this, MAX_LINKS, 'links')
    this.links.push(attributes === undefined ? { traceId, spanId } : { traceId, spanId, attributes })
    return this
  }

  /**
   * Ends the span; a second call changes nothing.
   * @param timeMs when it ended, in ms since the Unix epoch; default: now
   */
  finish(timeMs?: number): void {
    if (this.durationUs !== UNFINISHED) return
    this.durationUs = Math.max(0, this.trace.usOf(timeMs) - this.startUs)
    this.trace.finish(this)
  }

  /** Finishes the span at the end of a `using` block. */
  [Symbol.dispose](): void {
    this.finish()
  }

  /** @internal Sets a tag that is known to be text or a finite number: what plugins call. */
  put(key: string, value: string | number): void {
    const { tags } = this
    for (let i = 0; i < tags.length; i += 2) {
      if (tags[i] === key) {
        tags[i + 1] = value
        return
      }
    }
    if (tags.length < MAX_TAGS * 2) tags.push(key, value)
    else tooMany(this, MAX_TAGS, 'tags')
  }
}

function tooMany<S extends Span>(span: S, max: number, what: string): S {
  log.once(`span ${what}`, `a span has more than ${max} ${what}; the rest is dropped`)
  return span
}

/** What `sampling.priority` says: OpenTracing's tag, with the numbers that Datadog gives it. */
function manualPriority(value: unknown): 2 | -1 | undefined {
  const number = typeof value === 'string' && value.trim() !== '' ? Number(value) : value
  if (number === 1 || number === 2) return 2
  return number === 0 || number === -1 ? -1 : undefined
}

/** Text that is more than a yes or no. */
function isMessage(value: unknown): boolean {
  return typeof value === 'string' && !['', '0', '1', 'true', 'false'].includes(value)
}
