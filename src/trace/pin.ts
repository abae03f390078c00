// A pin says of one object of a library (a client, a pool, a connection, an application) how its spans are made: their service,
// their tags, their tracer. Beside it another object of the same library keeps to the options of its plugin.
//
// It is kept where the program cannot see it. What is made or lent by a pinned object belongs to it, unless it has a pin of its own:
// a connection follows its pool. While a process has no pin at all, calls ask one flag and nothing else.

import { hiddenField } from '../base/hidden-field'
import { kindOf, log } from '../base/log'
import type { Tracer } from './tracer'

export interface PinOptions {
  /** The service of the spans. It beats the options of the plugin. */
  readonly service?: string | undefined
  /** Put on each span, as by `span.setTags`. */
  readonly tags?: Readonly<Record<string, unknown>> | undefined
  /** What makes the spans. While it is off, there are none. Default: `tracer`. */
  readonly tracer?: Tracer | undefined
}

/** What a pin on `target` is meant for, where that is another object; undefined where it is not. */
export type Meaning = (target: object) => object | undefined

const OPTIONS: readonly string[] = ['service', 'tags', 'tracer'] satisfies (keyof PinOptions)[]
/** From a part to what it belongs to: longer than any library needs, and an end where somebody has made a circle. */
const MAX_STEPS = 8

const pins = hiddenField<Pin>()
const wholes = hiddenField<object>()
/** Of what takes no hidden field; null where one that it had got before was removed. */
const frozenPins = new WeakMap<object, Pin | null>()
const frozenWholes = new WeakMap<object, object>()
const meanings = new Set<Meaning>()
let areThere = false
let mainTracer: Tracer | undefined

/** Service, tags and tracer for the spans of one object of a library. It never changes: `clone` it, or `Pin.override`. */
export class Pin {
  readonly service: string | undefined
  readonly tags: Readonly<Record<string, unknown>> | undefined
  readonly tracer: Tracer | undefined

  /** Throws a TypeError that says what would be right. */
  constructor(options: PinOptions = {}) {
    const { service, tags, tracer } = checked(options, 'new Pin(options)')
    this.service = service
    this.tags = tags && Object.freeze({ ...tags })
    this.tracer = tracer
    Object.freeze(this)
  }

  /** The pin that holds for `target`: its own, or that of what it belongs to; undefined where there is none. */
  static of(target: unknown): Pin | undefined {
    return areThere && isObject(target) ? findPin(meant(target)) : undefined
  }

  /**
   * Changes what holds for `target`: puts a clone of its pin on it, or a new one. What is not given stays.
   * Throws a TypeError for what is no object, and as the constructor does.
   */
  static override(target: object, options: PinOptions = {}): Pin {
    checkTarget(target, 'Pin.override(target)')
    const pin = Pin.of(target)?.clone(options) ?? new Pin(options)
    return pin.onto(target)
  }

  /** A pin like this one with the changes given; `tags` take the place of those that are there. */
  clone(options: PinOptions = {}): Pin {
    const { service = this.service, tags = this.tags, tracer = this.tracer } = checked(options, 'pin.clone(options)')
    return new Pin({ service, tags, tracer })
  }

  /** Puts the pin on an object, in the place of one that it has. Throws a TypeError for what is no object. */
  onto(target: object): this {
    checkTarget(target, 'pin.onto(target)')
    areThere = true
    put(meant(target), this)
    return this
  }

  /** Takes this pin off an object; one that has another keeps it. */
  removeFrom(target: object): void {
    checkTarget(target, 'pin.removeFrom(target)')
    const subject = meant(target)
    if (pinOn(subject) === this) put(subject, undefined)
  }

  /** Whether spans are made where it holds: whether its tracer is on. */
  enabled(): boolean {
    return (this.tracer ?? mainTracer)?.isEnabled ?? false
  }
}

/** Whether there has been a pin in this process. */
export function pinsAreThere(): boolean {
  return areThere
}

/** The pin that holds for an object: its own, an inherited one, or that of what it belongs to. */
export function findPin(target: unknown): Pin | undefined {
  let holder = target
  for (let step = 0; step < MAX_STEPS; step++) {
    let whole: object | undefined
    for (let object = holder; isObject(object); object = Object.getPrototypeOf(object)) {
      const pin = pinOn(object)
      if (pin !== undefined) return pin
      whole ??= wholeOf(object)
    }
    if (whole === undefined) return undefined
    holder = whole
  }
  return undefined
}

/** Lets the pin of `whole` hold for `part`, unless that has one of its own, or belongs to something already. */
export function belongs(part: object, whole: object): void {
  if (part === whole || wholeOf(part) !== undefined) return
  if (Object.isExtensible(part)) wholes.set(part, whole)
  else frozenWholes.set(part, whole)
}

/** Whether `part` belongs to `whole`, itself or by others, or is it. */
export function isPartOf(part: object, whole: object): boolean {
  let each: object | undefined = part
  for (let step = 0; each !== undefined && step < MAX_STEPS; step++) {
    if (each === whole) return true
    each = wholeOf(each)
  }
  return false
}

function wholeOf(part: object): object | undefined {
  return wholes.get(part) ?? frozenWholes.get(part)
}

/** Asks `meaning` of each object that is to have a pin from now on; returns the function that ends it. */
export function whenPinned(meaning: Meaning): () => void {
  meanings.add(meaning)
  return () => void meanings.delete(meaning)
}

/** Whose state counts for pins without a tracer. */
export function useTracer(tracer: Tracer): void {
  mainTracer = tracer
}

/** What spans are made with where the program holds something in front of it, such as a client's wrapper for promises. */
function meant(target: object): object {
  for (const meaning of meanings) {
    try {
      const subject = meaning(target)
      if (isObject(subject)) return subject
    } catch (fault) {
      log.once('pin', `a plugin cannot follow a pin (${kindOf(fault)}); some spans may be without it`)
    }
  }
  return target
}

function pinOn(object: object): Pin | undefined {
  const frozen = frozenPins.get(object)
  return frozen === undefined ? pins.get(object) : (frozen ?? undefined)
}

function put(target: object, pin: Pin | undefined): void {
  if (Object.isExtensible(target)) pins.set(target, pin)
  else frozenPins.set(target, pin ?? null)
}

function isObject(value: unknown): value is object {
  return (typeof value === 'object' && value !== null) || typeof value === 'function'
}

function checkTarget(target: unknown, call: string): void {
  if (!isObject(target)) throw new TypeError(`${call}: target is a client, pool or other object, not ${nameOf(target)}`)
}

function checked(options: PinOptions, call: string): PinOptions {
  if (!isObject(options)) throw new TypeError(`${call}: options is an object with service, tags or tracer`)
  const unknown = Object.keys(options).find((name) => !OPTIONS.includes(name))
  if (unknown !== undefined)
    throw new TypeError(`${call}: there is no option ${unknown}, only service, tags and tracer`)
  const { service, tags, tracer } = options
  if (service !== undefined && (typeof service !== 'string' || service === '')) {
    throw new TypeError(`${call}: service is text that is not empty, not ${nameOf(service)}`)
  }
  if (tags !== undefined && (typeof tags !== 'object' || tags === null || Array.isArray(tags))) {
    throw new TypeError(`${call}: tags is an object of names and values, not ${nameOf(tags)}`)
  }
  // Not by its class: it may come from another copy of `dd`.
  if (tracer !== undefined && typeof (tracer as Tracer | null)?.open !== 'function') {
    throw new TypeError(`${call}: tracer is a tracer of dd, not ${nameOf(tracer)}`)
  }
  return options
}

function nameOf(value: unknown): string {
  if (value === null || value === '') return value === null ? 'null' : 'empty text'
  return Array.isArray(value) ? 'an array' : typeof value
}
