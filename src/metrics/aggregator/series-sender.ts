// Sends batches to Datadog's API: in bodies of a size that it takes, compressed, and again where that neither loses nor doubles anything.

import { ENDPOINTS, type EndpointRules } from '../../api-transport/api-endpoints'
import { type ApiReply, ExchangeError } from '../../api-transport/exchange'
import { Pause } from '../../api-transport/pause'
import { bodyNow, bodyOf, type Chunk, chunksOf, halvesOf } from '../../api-transport/payload-chunks'
import { MAX_WAIT_MS, RetryPolicy, type Verdict, verdictOf } from '../../api-transport/retry-policy'
import { monotonicMs } from '../../base/clock'
import { randomFraction } from '../../base/id'
import { kindOf } from '../../base/log'
import type { Batch, BatchOutcome, ExitRequest, Fate, Problem, Sender } from './sender'
import type { SeriesTransport } from './series-transport'

/** Of what a server answers, in messages. */
const MAX_REASON_LENGTH = 200

interface SeriesSenderParts {
  readonly transport: SeriesTransport
  readonly retries: number
  readonly random?: (() => number) | undefined
  readonly now?: (() => number) | undefined
  readonly pause?: Pick<Pause, 'wait' | 'cut'> | undefined
  /** Asked before a chunk is sent; false stops the batch. */
  readonly mayBegin?: ((chunk: Chunk) => boolean) | undefined
}

/** A batch under way. */
interface Run {
  readonly rules: EndpointRules
  readonly texts: readonly string[]
  readonly fates: Fate[]
  readonly problems: Problem[]
  requests: number
  bytes: number
  retries: number
  waitedMs: number
  /** That is with the transport. */
  chunk: Chunk | undefined
  /** The server cannot be reached, or the batch was taken back: the rest stays for later. */
  isOver: boolean
}

export class SeriesSender implements Sender {
  readonly #parts: SeriesSenderParts
  readonly #policy: RetryPolicy
  readonly #pause: Pick<Pause, 'wait' | 'cut'>
  readonly #now: () => number
  #run: Run | undefined
  #isPatient = true
  /** The server asked to be left alone until then. */
  #quietUntilMs = 0

  constructor(parts: SeriesSenderParts) {
    this.#parts = parts
    this.#policy = new RetryPolicy(parts.random ?? randomFraction)
    this.#pause = parts.pause ?? new Pause()
    this.#now = parts.now ?? monotonicMs
  }

  async send({ endpoint, items }: Batch): Promise<BatchOutcome> {
    const rules = ENDPOINTS[endpoint]
    const texts = items.map((item) => JSON.stringify(item))
    const run: Run = {
      rules,
      texts,
      fates: items.map(() => 'kept'),
      problems: [],
      requests: 0,
      bytes: 0,
      retries: 0,
      waitedMs: 0,
      chunk: undefined,
      isOver: this.#now() < this.#quietUntilMs,
    }
    this.#run = run
    const chunks = chunksOf(texts, rules).reverse()
    for (let chunk = chunks.pop(); chunk !== undefined && !run.isOver; chunk = chunks.pop()) {
      const halves = await this.#send(run, chunk)
      if (halves !== undefined) chunks.push(halves[1], halves[0])
    }
    this.#run = undefined
    const { fates, problems, requests, bytes, retries } = run
    return { fates, problems, requests, bytes, retries }
  }

  setPatience(isPatient: boolean): void {
    this.#isPatient = isPatient
    if (!isPatient) {
      this.#quietUntilMs = 0
      this.#pause.cut()
    }
  }

  interrupt(): readonly Fate[] | undefined {
    const run = this.#run
    if (run === undefined) return undefined
    run.isOver = true
    if (run.chunk !== undefined && this.#parts.transport.takeBack?.() !== true) {
      // Bytes that have left the process arrive without it.
      mark(run, run.chunk, 'unknown')
    }
    const fates = [...run.fates]
    this.#pause.cut()
    return fates
  }

  requests({ endpoint, items }: Batch): ExitRequest[] {
    const { transport } = this.#parts
    if (transport.requestOptions === undefined) return []
    const rules = ENDPOINTS[endpoint]
    const texts = items.map((item) => JSON.stringify(item))
    const found: ExitRequest[] = []
    const chunks = chunksOf(texts, rules).reverse()
    for (let chunk = chunks.pop(); chunk !== undefined; chunk = chunks.pop()) {
      const { bytes, headers } = bodyNow(texts, chunk, rules)
      const halves = bytes.length > rules.maxSentBytes ? halvesOf(chunk) : undefined
      if (halves === undefined)
        found.push({
          options: transport.requestOptions({ verb: 'POST', path: rules.path, body: bytes, headers }),
          proxy: transport.proxy,
          bytes,
          ...chunk,
        })
      else chunks.push(halves[1], halves[0])
    }
    return found
  }

  close(): void {
    this.#parts.transport.close?.()
  }

  /** Sends a chunk until its fate is known; returns its halves if it is too large. */
  async #send(run: Run, chunk: Chunk): Promise<[Chunk, Chunk] | undefined> {
    const { rules, texts } = run
    const { bytes, headers } = await bodyOf(texts, chunk, rules)
    if (run.isOver) return undefined
    let verdict: Verdict = 'too-large'
    let why = `a body of ${bytes.length} bytes is above the limit`
    if (bytes.length <= rules.maxSentBytes) [verdict, why] = await this.#post(run, chunk, bytes, headers)
    if (verdict === 'again' || run.isOver) return undefined
    if (verdict === 'too-large') {
      const halves = halvesOf(chunk)
      if (halves !== undefined) return halves
    }
    if (verdict === 'taken') {
      run.requests++
      run.bytes += bytes.length
      mark(run, chunk, 'taken')
      return undefined
    }
    mark(run, chunk, verdict === 'unknown' ? 'unknown' : 'refused')
    run.problems.push({ code: verdict === 'unknown' ? 'socket' : 'api', message: why })
    return undefined
  }

  /** Gives `again` when it has to stay for a later flush. */
  async #post(
    run: Run,
    chunk: Chunk,
    bytes: Uint8Array,
    headers: Readonly<Record<string, string>>,
  ): Promise<[Verdict, why: string]> {
    const { transport, mayBegin } = this.#parts
    for (let attempts = 1; ; attempts++) {
      if (mayBegin?.(chunk) === false) {
        run.isOver = true
        return ['again', '']
      }
      run.chunk = chunk
      const result = await transport
        .send({ verb: 'POST', path: run.rules.path, body: bytes, headers })
        .catch(exchangeErrorOf)
      run.chunk = undefined
      const verdict = verdictOf(result, run.rules)
      if (verdict === 'taken') this.#policy.succeeded()
      const why = this.#reasonOf(result)
      if (verdict !== 'again' || run.isOver) return [verdict, why]
      const askedMs = this.#policy.askedDelayMs(result)
      const delayMs = askedMs ?? this.#policy.delayMs(attempts)
      const isLong = run.waitedMs + delayMs > MAX_WAIT_MS
      const isLast = isLong || attempts > this.#parts.retries
      if (isLast || !this.#isPatient || !this.#policy.takeRetry()) {
        if (askedMs !== undefined && this.#isPatient) this.#quietUntilMs = this.#now() + askedMs
        run.isOver = true
        run.problems.push({ code: 'status' in result ? 'api' : 'socket', message: why })
        return ['again', why]
      }
      run.waitedMs += delayMs
      await this.#pause.wait(delayMs)
      // The process is about to end, or it was taken back.
      if (run.isOver) return ['again', why]
      run.retries++
    }
  }

  #reasonOf(result: ApiReply | ExchangeError): string {
    const { address } = this.#parts.transport
    if (result instanceof ExchangeError) return `no answer from ${address} (${result.message})`
    const { status, body } = result
    const said = body.replace(/\s+/g, ' ').trim().slice(0, MAX_REASON_LENGTH)
    const hint = status === 403 ? '; is the key one of this site?' : ''
    return `${address} answered ${status}${said === '' ? '' : ` ${said}`}${hint}`
  }
}

function mark({ fates }: Run, { from, to }: Chunk, fate: Fate): void {
  fates.fill(fate, from, to)
}

/** A transport may fail in ways of its own. */
function exchangeErrorOf(thrown: unknown): ExchangeError {
  return thrown instanceof ExchangeError ? thrown : new ExchangeError('network', kindOf(thrown), true)
}
