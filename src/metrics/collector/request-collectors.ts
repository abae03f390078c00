// A collector for each request: what a request records, wherever in its asynchronous course, is collected and sent when its response is
// closed, complete or given up. With the tracer the plugins of `http` and `http2` begin and end it; alone there is something to be put
// before the handler for each kind of server.

import { Collection } from '../../base/collection'
import { hiddenField } from '../../base/hidden-field'
import { Collecting, type CollectorOptions } from './collecting'
import { type CollectorStore, ownStore } from './collector-store'
import { DogstatsdCollector, type RunOptions } from './dogstatsd-collector'
import type { MetricSink } from './metric-sink'

/** What is needed of a response. */
interface ClosingResponse {
  readonly closed?: boolean | undefined
  readonly destroyed?: boolean | undefined
  once(event: 'close', listener: () => void): unknown
}

interface KoaContext {
  readonly res: ClosingResponse
}

interface FastifyRequest {
  readonly raw: object
}

interface FastifyReply {
  readonly raw: ClosingResponse
}

type FastifyHook = (request: FastifyRequest, reply: FastifyReply, done: () => void) => void

interface FastifyInstance {
  addHook(name: 'onRequest' | 'preValidation', hook: FastifyHook): unknown
}

export class RequestCollectors {
  readonly #shared: Collecting
  readonly #finding: DogstatsdCollector
  /** By the response. */
  readonly #collections = hiddenField<Collection>()

  /**
   * @param sink where they send: a `DogStatsd`, or anything with its methods
   * @throws TypeError for something else, and for options that do not fit
   */
  constructor(sink: MetricSink, options?: CollectorOptions)
  /** @internal */
  constructor(sink: MetricSink, options: CollectorOptions, store: CollectorStore)
  constructor(sink: MetricSink, options: CollectorOptions = {}, store: CollectorStore = ownStore) {
    this.#shared = new Collecting(sink, options, store)
    this.#finding = new DogstatsdCollector(this.#shared, { tags: this.#shared.tags, finds: true })
  }

  /**
   * The collector of the request or job that the running code belongs to. Outside of any it is one that sends at once; kept in a variable
   * and used inside of a request, that one finds the collector of the request.
   */
  get active(): DogstatsdCollector {
    return DogstatsdCollector.of(this.#shared) ?? this.#finding
  }

  /** Runs a job with a collector of its own: `DogstatsdCollector.run`. */
  run<T>(fn: (collector: DogstatsdCollector) => T, options?: RunOptions): T {
    return this.active.run(fn, options)
  }

  /** For a server of Node's: `http.createServer(collectors.listener((request, response) => …))`. */
  listener<Args extends [request: object, response: ClosingResponse, ...rest: unknown[]], Result>(
    handler: (this: unknown, ...args: Args) => Result,
  ): (...args: Args) => Result {
    const collectors = this
    return function collecting(this: unknown, ...args: Args): Result {
      return collectors.#serve(args[1], () => Reflect.apply(handler, this, args))
    }
  }

  /** For Express, Connect and Restify: `app.use(collectors.middleware)`, before what records. */
  readonly middleware = (_request: object, response: ClosingResponse, next: () => void): void => {
    this.#serve(response, () => next())
  }

  /** For Koa: `app.use(collectors.koa)`. */
  readonly koa = <T>({ res }: KoaContext, next: () => T): T => this.#serve(res, () => next())

  /** For Fastify: `app.register(collectors.fastify)`, for all of the application. */
  readonly fastify = Object.assign(
    (app: FastifyInstance, _options: unknown, done: () => void): void => {
      const hook: FastifyHook = (_request, reply, proceed) => this.#serve(reply.raw, () => proceed())
      app.addHook('onRequest', hook)
      // Reading a body ends in the connection's own context, and the handler would run in that.
      app.addHook('preValidation', hook)
      done()
    },
    // Fastify's sign for "not only for the routes that this plugin adds".
    { [Symbol.for('skip-override')]: true },
  )

  /** Sends what all of them have collected so far: before the process ends. */
  flush(): void {
    this.#shared.flush()
  }

  /** @internal Sends it, and collects no more for those that are under way. */
  end(): void {
    this.#shared.end()
  }

  /** Runs what is left to do for a request inside of its collection, begun now unless it was before. */
  #serve<T>(response: ClosingResponse, proceed: () => T): T {
    const { store } = this.#shared
    const collection = this.#collections.get(response) ?? this.#begin(response)
    return collection === undefined ? proceed() : store.run(collection, proceed)
  }

  #begin(response: ClosingResponse): Collection | undefined {
    if (response.closed === true || response.destroyed === true) return undefined
    const collector = new DogstatsdCollector(this.#shared, { tags: this.#shared.tags })
    const collection = new Collection(collector, undefined)
    this.#collections.set(response, collection)
    this.#shared.begun(collector)
    // A response that is given up has no `finish`, and its `close` comes without the request's context.
    response.once('close', () => {
      collection.isOver = true
      collector.end()
    })
    return collection
  }
}
