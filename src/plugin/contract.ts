// What a plugin is: data that says which calls of a library become spans.
//
// A plugin names the places and describes the calls. Everything that can go wrong is the runtime's: completion, context,
// guards and undo are written once (patcher.ts, completion.ts, channels.ts, loader.ts). So a plugin has no
// try/catch, no logger, no configuration, no version arithmetic.

import type { Span } from '../trace/span'
import type { SpanContext } from '../trace/span-context'
import type { SpanKind } from '../trace/span-options'
import type { Patcher } from './patcher'

export interface Plugin {
  /** Its name in `patchAll`, in `DD_TRACE_<NAME>_ENABLED` and in the tag `component`. */
  readonly name: string
  readonly hooks?: readonly Hook[]
  readonly channels?: readonly ChannelHook[]
}

/** A file of a library, and what to do with it once it is loaded. */
export interface Hook {
  /** The npm package, or the builtin module. */
  readonly module: string
  /** The supported versions, as a semver range. Default: all. */
  readonly versions?: string
  /** The file inside the package, with `/`; several where it moved, or where ES modules have one of their own. Default: `index.js`. */
  readonly file?: string | readonly string[]
  /** Where the file is an ES module: the exports that `patch` replaces, which can otherwise only be patched inside. */
  readonly replaces?: readonly string[]
  /**
   * Patches what the file exports, in place; returns something only to replace the exports, which reaches those who load the
   * library later, never those who have it already.
   */
  patch(exports: never, patcher: Patcher<never>): unknown
}

/** Options every plugin understands, and its own. */
export interface PluginOptions {
  readonly enabled?: boolean
  /** The service of its spans. */
  readonly service?: string
  readonly [option: string]: unknown
}

/** What all spans of an operation have in common. */
export interface SpanTemplate {
  /** The span's name, such as `pg.query`. */
  readonly name: string
  readonly type?: string
  readonly kind: SpanKind
  /** The system behind a client, such as `postgres`: it names the service `<service>-postgres`. */
  readonly system?: string
  /** Its name in Datadog's schema `v1`, where that is another. */
  readonly v1Name?: string
  /** The tags that name the peer of a client or producer, the first one that is there; with a dot at the end, up to its first dot. */
  readonly peerTags?: readonly string[]
  /** The plugins whose spans hand on their pin to these, where these are below them and have none. */
  readonly pinBelow?: readonly string[]
}

/** What one call is about. */
export interface Start {
  readonly resource: string
  readonly name?: string
  readonly service?: string | undefined
  /** Undefined values are left out. */
  readonly tags?: Readonly<Record<string, string | number | undefined>>
  /** The parent, or null for none. Default: the active span. */
  readonly parent?: Span | SpanContext | null | undefined
}

/** What one patched call is about, and how it ends. */
export interface CallStart extends Start {
  /**
   * Where the callback is that ends the call, with an error first. `last`: the last argument. Between it and `until` the
   * first one counts; where there is neither, a promise returned, or the return itself.
   */
  readonly callback?: 'last' | CallbackPlace | undefined
  readonly until?: Until | undefined
  /** True: a request. The metrics recorded inside are collected until the emitter of `until`, which is one of `bind`, closes. */
  readonly collects?: boolean
  /** What the library settles when the call ends; the promise that it returns is then left alone, as is whoever drops it. */
  readonly deferred?: Deferred | undefined
  /**
   * True: the thenable that the library returns works whether or not it is asked, and its `then`, `catch` and `finally` are
   * those of a promise inside. Default: asking may be what starts the work.
   */
  readonly eager?: boolean
  /** True: the call returns an iterator, whose last step ends it; its prototype must have gone through `patcher.bindSteps`. */
  readonly iterates?: boolean
  /**
   * Emitters whose events belong inside the span, or to the caller where the operation does not `activate` it; their
   * prototype must have gone through `patcher.bindEvents`.
   */
  readonly bind?: readonly object[]
}

/** A callback that is kept on an object. */
export interface CallbackPlace {
  readonly of: object
  readonly key: string
}

/** An object of the library with the two functions that settle a promise. */
export interface Deferred {
  resolve(value: unknown): unknown
  reject(error: unknown): unknown
}

/** A call without a span, whose events and callback belong to its caller all the same. */
export interface Bound {
  /** Emitters, as in `CallStart`. */
  readonly bind: readonly object[]
  readonly callback?: CallbackPlace
}

/** A call that is to leave no trace, nor anything it leads to. */
export interface Muted {
  /** Emitters whose events belong to it, as in `CallStart`. */
  readonly mute: readonly object[]
}

/** An emitter that tells the end of a call. */
export interface Until {
  /** `result`: the one that the call returns. */
  readonly emitter: EmitterLike | 'result'
  /** The events that end the call; an emitted `error` does so too, and an Error that comes with one is what it failed with. */
  readonly events: readonly string[]
}

export interface EmitterLike {
  emit(event: string | symbol, ...args: unknown[]): unknown
  on(event: string | symbol, listener: (...args: unknown[]) => void): unknown
  removeListener(event: string | symbol, listener: (...args: unknown[]) => void): unknown
}

/** A kind of call that becomes a span. Each function runs guarded: if it throws, the call goes on as if unpatched. */
export interface Operation<Self, Args extends unknown[]> extends SpanTemplate {
  /**
   * Whether the library runs inside the span, so that what it calls becomes the span's children. Default: true. Where
   * nothing below is traced, false is cheaper and leaves the callers' context alone.
   */
  readonly activate?: boolean
  /** Describes the call; undefined lets it pass untraced. May replace entries of `args`. */
  start(self: Self, args: Args): CallStart | Bound | Muted | undefined
  /**
   * What the program may have put a pin on for this call, where that is not `self`: it is looked for there first. Asked only while
   * there are pins.
   */
  pinOn?(self: Self, args: Args): object | undefined
  /** After the span was opened, before the library runs; `headers()` gives what the next process needs. */
  before?(span: Span, args: Args, self: Self, headers: () => Record<string, string>): void
  /**
   * Before the span finishes. `value`: what the callback or promise gave, the return value, or the emitter; `error`: what the
   * call failed with, which is on the span already.
   */
  finish?(span: Span, value: unknown, args: Args, error: unknown): void
}

/** A stream of native diagnostics-channel messages that becomes spans. */
export interface ChannelHook {
  /** Who publishes it, and since when: the versions must meet those of the hooks exactly. */
  readonly module: string
  readonly versions?: string
  /** The prefix of a TracingChannel (`mysql2:query`), or the names of plain channels. */
  readonly channel: string | PlainChannels
  /** A function is given the options of the plugin. */
  readonly operation: ChannelOperation | ((options: never) => ChannelOperation)
}

export interface PlainChannels {
  readonly start: string
  readonly finish: string
  readonly error: string
  /** A message on the way that is worth a tag. */
  readonly progress?: string
}

export interface ChannelOperation extends SpanTemplate {
  /** The object that all messages of one call share. Default: the message itself, as in TracingChannels. */
  key?(message: never): object
  start(message: never): Start | undefined
  /** As in `Operation`. */
  pinOn?(message: never): object | undefined
  before?(span: Span, message: never, headers: () => Record<string, string>): void
  progress?(span: Span, message: never): void
  /** Whether what failed a call is an error. Default: yes. */
  isError?(error: unknown): boolean
  finish?(span: Span, message: never): void
}

/** Where a plugin is found: `load` runs when one of `modules` is first loaded. */
export interface PluginEntry {
  readonly name: string
  /** The part of Node that publishes its channels without any package. */
  readonly ofNode?: string
  /** Those of `modules` that are builtin and that the program is to load first: it takes long, or says something. */
  readonly awaited?: readonly string[]
  /** The npm packages or builtin modules its hooks name. None: it lives on channels alone. */
  readonly modules: readonly string[]
  /** On only where the program or the environment names it: for what makes many spans that few want. */
  readonly isOffByDefault?: true
  /** It makes no spans, but tells log records which one is active: off where `logsInjection` is. */
  readonly isLogger?: true
  load(): Plugin
}

/** Checks a plugin's types where it is written. */
export function definePlugin(plugin: Plugin): Plugin {
  return plugin
}
