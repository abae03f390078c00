// Reads from a span whether it is counted, and in which row.
//
// Counted is what is top-level, what is measured, and what has a kind that the Agent counts; a part of a span that still runs
// never is. Reading is one walk over the tags. Spans of a name have the same tags in the same order nearly always, so what a
// key means is remembered by its place, and most keys cost one comparison.
// Where a span is counted is remembered too, by what was read: most spans are like one of late.
// Source: datadog-agent, pkg/trace/stats: span_concentrator.go, aggregation.go.

import type { Chunk, FinishedSpan } from '../../trace/chunk'
import type { AgentFeatures } from '../agent-info'
import { serviceName, spanName, spanType } from '../normalize'
import { isOwnService, type ProcessTags } from '../process-tags'
import { cut, MAX_RESOURCE_LENGTH } from '../wire-limits'
import { grpcStatusNumber } from './grpc-status'
import { peerTags } from './peer-tags'
import type { Dimensions, RootFlag, StatsRow } from './stats-row'
import { type Meaning, meaningOf } from './tag-meaning'

/** Names of spans whose tags are remembered. */
const MAX_KNOWN = 2000

/** A place among the tags of the spans of one name. */
interface Place {
  readonly key: string
  readonly meaning: Meaning | undefined
  readonly isPeer: boolean
}

/** What the spans of one name have in common. */
interface Form {
  readonly places: Place[]
  /** The rows of late, by what was read of their spans. */
  readonly recent: Remembered[]
  /** Of `recent`, which one goes next. */
  next: number
}

/** What was read of a span, as it stands there, and the row that it led to. */
interface Remembered {
  readonly service: string
  readonly resource: string
  readonly type: string
  readonly spanKind: string
  readonly httpStatus: number
  readonly httpMethod: string
  readonly route: string
  readonly endpoint: string
  readonly grpcStatus: string
  readonly serviceSource: string
  readonly dbType: string
  readonly origin: string | undefined
  readonly root: RootFlag
  readonly peers: readonly string[]
  readonly row: StatsRow
  /** Who has the row. */
  readonly owner: object
}

/** Rows of one name: a request of one resource ends with one of few statuses. */
const MAX_RECENT = 8

/** What the last span that was read has; one object for all, so that reading allocates nothing. */
export class SpanReader {
  readonly #process: ProcessTags
  readonly #ownService: string
  readonly #countedKinds: ReadonlySet<string>
  readonly #peerKeys: ReadonlySet<string>
  readonly #forms = new Map<string, Form>()
  #form: Form = newForm()
  #span: FinishedSpan | undefined
  #origin: string | undefined
  /** Peer tags seen, keys and values in turn. */
  readonly #peers: string[] = []
  #spanKind = ''
  #httpStatus = 0
  #httpMethod = ''
  #route = ''
  #endpoint = ''
  #grpcStatus = ''
  #serviceSource = ''
  #dbType = ''
  #isMeasured = false
  #isPartial = false

  constructor(process: ProcessTags, { countedKinds, peerTags }: Pick<AgentFeatures, 'countedKinds' | 'peerTags'>) {
    this.#process = process
    this.#ownService = serviceName(process.service)
    this.#countedKinds = countedKinds
    this.#peerKeys = new Set(peerTags)
  }

  /** Reads a span; false if it is not counted, and then nothing else here holds. */
  read(span: FinishedSpan, { trace }: Chunk): boolean {
    this.#span = span
    this.#origin = trace.origin
    this.#readTags(span)
    if (this.#isPartial) return false
    if (span.isTopLevel || this.#isMeasured) return true
    return this.#spanKind !== '' && this.#countedKinds.has(this.#spanKind.toLowerCase())
  }

  /** The row of a span that was like this one in all that matters, if `owner` has it and it was one of late. */
  recentRow(owner: object): StatsRow | undefined {
    for (const known of this.#form.recent) if (known.owner === owner && this.#isLike(known)) return known.row
    return undefined
  }

  /** Remembers where a span like this one is counted. */
  remember(row: StatsRow, owner: object): void {
    const span = this.#span!
    const form = this.#form
    form.recent[form.next] = {
      service: span.service,
      resource: span.resource,
      type: span.type,
      spanKind: this.#spanKind,
      httpStatus: this.#httpStatus,
      httpMethod: this.#httpMethod,
      route: this.#route,
      endpoint: this.#endpoint,
      grpcStatus: this.#grpcStatus,
      serviceSource: this.#serviceSource,
      dbType: this.#dbType,
      origin: this.#origin,
      root: rootFlag(span),
      peers: [...this.#peers],
      row,
      owner,
    }
    form.next = (form.next + 1) % MAX_RECENT
  }

  /** Forgets all rows: their owner has given them away. */
  forget(): void {
    this.#forms.clear()
  }

  /** The row that the span belongs to, by the names with which it is sent. */
  dimensions(): Dimensions {
    const span = this.#span!
    const name = spanName(span.name)
    return {
      service: serviceName(span.service, this.#ownService),
      name,
      resource: cut(span.resource, MAX_RESOURCE_LENGTH) || name,
      type: spanType(span.type),
      // The Agent obfuscates texts by the database they are for; nobody else asks.
      dbType: span.type === 'sql' ? this.#dbType : '',
      spanKind: this.#spanKind,
      serviceSource: this.#serviceSource,
      httpStatus: this.#httpStatus,
      httpMethod: this.#httpMethod,
      httpEndpoint: this.#route === '' ? this.#endpoint : this.#route,
      grpcStatus: this.#grpcStatus,
      peerTags: this.#peerTags(span.service),
      isSynthetic: this.#origin?.startsWith('synthetics') === true,
      root: rootFlag(span),
    }
  }

  #isLike(known: Remembered): boolean {
    const span = this.#span!
    const peers = this.#peers
    if (
      span.resource !== known.resource ||
      span.service !== known.service ||
      span.type !== known.type ||
      rootFlag(span) !== known.root ||
      this.#spanKind !== known.spanKind ||
      this.#httpStatus !== known.httpStatus ||
      this.#httpMethod !== known.httpMethod ||
      this.#route !== known.route ||
      this.#endpoint !== known.endpoint ||
      this.#grpcStatus !== known.grpcStatus ||
      this.#serviceSource !== known.serviceSource ||
      this.#dbType !== known.dbType ||
      this.#origin !== known.origin ||
      peers.length !== known.peers.length
    )
      return false
    for (let i = 0; i < peers.length; i++) if (peers[i] !== known.peers[i]) return false
    return true
  }

  #readTags({ name, tags }: FinishedSpan): void {
    this.#spanKind = this.#serviceSource = this.#httpMethod = this.#grpcStatus = this.#dbType = ''
    this.#route = this.#endpoint = ''
    this.#httpStatus = 0
    this.#isMeasured = this.#isPartial = false
    this.#peers.length = 0
    this.#form = this.#formOf(name)
    const { places } = this.#form
    for (let i = 0; i < tags.length; i += 2) {
      let place = places[i >> 1]
      if (place === undefined || place.key !== tags[i]) {
        place = this.#learn(tags[i] as string)
        places[i >> 1] = place
      }
      if (place.meaning !== undefined) this.#take(place.meaning, tags[i + 1]!)
      if (place.isPeer) this.#peers.push(place.key, String(tags[i + 1]))
    }
  }

  #take(meaning: Meaning, value: string | number): void {
    switch (meaning) {
      case 'measured':
        this.#isMeasured = value === 1
        break
      case 'partial':
        this.#isPartial = typeof value === 'number' && value >= 0
        break
      case 'kind':
        this.#spanKind = String(value)
        break
      case 'httpStatus':
        this.#httpStatus = statusNumber(value)
        break
      case 'httpMethod':
        this.#httpMethod = String(value)
        break
      case 'route':
        this.#route = String(value)
        break
      case 'endpoint':
        this.#endpoint = String(value)
        break
      case 'source':
        this.#serviceSource = String(value)
        break
      case 'grpcStatus':
        this.#grpcStatus = grpcStatusNumber(value)
        break
      case 'dbType':
        this.#dbType = String(value)
        break
    }
  }

  #peerTags(service: string): readonly string[] {
    if (this.#peerKeys.size === 0) return []
    // The encoder writes it on every such span, so that here it is not among the tags.
    const base = isOwnService(service, this.#process) ? undefined : this.#ownService
    return peerTags(this.#peers, this.#spanKind, base)
  }

  #formOf(name: string): Form {
    let form = this.#forms.get(name)
    if (form === undefined) {
      if (this.#forms.size >= MAX_KNOWN) this.#forms.clear()
      form = newForm()
      this.#forms.set(name, form)
    }
    return form
  }

  #learn(key: string): Place {
    return { key, meaning: meaningOf(key), isPeer: this.#peerKeys.has(key) }
  }
}

function newForm(): Form {
  return { places: [], recent: [], next: 0 }
}

function rootFlag({ parentHigh, parentLow }: FinishedSpan): RootFlag {
  return parentHigh === 0 && parentLow === 0 ? 1 : 2
}

/** 0 for what is no status. */
function statusNumber(value: string | number): number {
  const number = Number(value)
  return number === number >>> 0 ? number : 0
}
