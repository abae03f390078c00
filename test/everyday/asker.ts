// Asks a program the same at each run and keeps what it answers. Each request brings a trace id of its own in its headers, with and without `dd`,
// so that the spans of a request can be told from those of all others.

import { once } from 'node:events'
import { Agent, type ClientRequest, type IncomingMessage, request } from 'node:http'
import { connect } from 'node:net'

/** What the spans of a request are expected to say; what is not named is judged by the rules for all. */
export interface Expected {
  /** As the framework names it; null where there is none to name. Undefined is not asked. */
  readonly route?: string | null
  /** Of the first span. Default: the method and the route, where there is one. */
  readonly resource?: string
  /** Spans that must be below it, `name resource` or a part of that. */
  readonly spans?: readonly string[]
  /** `name resource` of the spans below the first that may be errors, and of which one must; no others may. */
  readonly errors?: RegExp
  /** Overrides what the status says of the first span: 500 and more are errors. */
  readonly isError?: boolean
  /** The request never gets to Node's request event, so that there is no span. */
  readonly unseen?: true
}

export interface Question extends Expected {
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: string | Buffer
  /** Sent as JSON. */
  readonly json?: unknown
}

/** What a request got, or a line that was noted. */
export interface Exchange {
  readonly title: string
  readonly status: number
  readonly statusText: string
  readonly headers: readonly (readonly [name: string, value: string])[]
  readonly trailers: readonly string[]
  readonly body: Buffer
  /** On a connection that was kept alive. */
  readonly isReused: boolean
  /** Its code, where there was no complete answer. */
  readonly failure?: string
}

/** The request behind an exchange, as its spans are asked for. */
export interface Asked extends Expected {
  readonly title: string
  readonly method: string
  readonly path: string
  readonly status: number
  readonly traceId: string
  readonly parentId: string
}

const ANSWER_TIMEOUT_MS = 20_000

export class Asker {
  readonly exchanges: Exchange[] = []
  readonly asked: Asked[] = []
  readonly #alive = new Agent({ keepAlive: true, maxSockets: 1 })
  #count = 0

  constructor(readonly port: number) {}

  /** `GET /path`; headers, a body and what is expected of its spans. */
  async send(title: string, question: Question = {}): Promise<Exchange> {
    const { traceId, parentId, method, path, options } = this.#prepare(title, question)
    const sent = request({ ...options, agent: this.#alive })
    const exchange = await exchangeOf(title, sent, bodyOf(question))
    this.#keep({ ...question, title, method, path, status: exchange.status, traceId, parentId }, exchange)
    return exchange
  }

  /** Many at once, each on a connection of its own. Kept in the order in which they were sent. */
  async together(titles: readonly string[], question: Question = {}): Promise<void> {
    const prepared = titles.map((title) => ({ title, ...this.#prepare(title, question) }))
    const exchanges = await Promise.all(
      prepared.map(({ title, options }) => exchangeOf(title, request({ ...options, agent: false }), bodyOf(question))),
    )
    for (const [index, exchange] of exchanges.entries()) {
      const { title, method, path, traceId, parentId } = prepared[index]!
      this.#keep({ ...question, title, method, path, status: exchange.status, traceId, parentId }, exchange)
    }
  }

  /** Begins a request and hangs up as soon as the answer begins. */
  async hangUp(title: string, question: Question = {}): Promise<void> {
    const { traceId, parentId, method, path, options } = this.#prepare(title, question)
    const sent = request({ ...options, agent: false }).end(bodyOf(question))
    const [response] = (await once(sent, 'response')) as [IncomingMessage]
    response.on('error', () => {})
    sent.on('error', () => {})
    sent.destroy()
    // Nobody knows how much of it has come.
    this.asked.push({ ...question, title, method, path, status: response.statusCode!, traceId, parentId })
  }

  /** Bytes that need not be HTTP; the answer is what comes until the server closes, or until `last`. */
  async raw(title: string, bytes: string, last?: RegExp): Promise<void> {
    const socket = connect(this.port, '127.0.0.1', () => socket.write(bytes))
    let text = ''
    socket.setTimeout(ANSWER_TIMEOUT_MS, () => socket.destroy(new Error('no answer')))
    socket.on('data', (chunk) => {
      text += chunk.toString('latin1')
      if (last?.test(text)) socket.destroy()
    })
    await once(socket, 'close')
    this.note(title, text.replace(/^Date: .*$/gm, 'Date: *'))
  }

  /** Keeps something else that must be the same, such as what came over a WebSocket. */
  note(title: string, value: unknown): void {
    const body = Buffer.from(typeof value === 'string' ? value : JSON.stringify(value, null, 1))
    this.exchanges.push({ title, status: 0, statusText: '', headers: [], trailers: [], body, isReused: false })
  }

  /** Headers for a request that something else sends, such as a client of WebSockets, and which is then expected as well. */
  headersFor(title: string, status: number, expected: Expected = {}): Record<string, string> {
    const { traceId, parentId, method, path, options } = this.#prepare(title, {})
    this.asked.push({ ...expected, title, method, path, status, traceId, parentId })
    return options.headers
  }

  close(): void {
    this.#alive.destroy()
  }

  #prepare(title: string, { headers, json }: Question) {
    const [method = '', path = ''] = title.split(' ')
    const traceId = String(1_000_000_000 + ++this.#count)
    const parentId = String(2_000_000_000 + this.#count)
    const own = {
      'x-datadog-trace-id': traceId,
      'x-datadog-parent-id': parentId,
      'x-datadog-sampling-priority': '1',
    }
    const type: Record<string, string> = json === undefined ? {} : { 'content-type': 'application/json' }
    const options = { host: '127.0.0.1', port: this.port, method, path, headers: { ...type, ...headers, ...own } }
    return { traceId, parentId, method, path, options }
  }

  #keep(asked: Asked, exchange: Exchange): void {
    this.asked.push(asked)
    this.exchanges.push(exchange)
  }
}

function bodyOf({ body, json }: Question): string | Buffer | undefined {
  return json === undefined ? body : JSON.stringify(json)
}

async function exchangeOf(title: string, sent: ClientRequest, body: string | Buffer | undefined): Promise<Exchange> {
  sent.setTimeout(ANSWER_TIMEOUT_MS, () => sent.destroy(new Error('no answer')))
  const nothing = {
    title,
    status: 0,
    statusText: '',
    headers: [],
    trailers: [],
    body: Buffer.alloc(0),
    isReused: false,
  }
  try {
    sent.end(body)
    const [response] = (await once(sent, 'response')) as [IncomingMessage]
    const chunks: Buffer[] = []
    const answer = () => ({
      title,
      status: response.statusCode!,
      statusText: response.statusMessage!,
      headers: pairs(response.rawHeaders),
      trailers: response.rawTrailers,
      body: Buffer.concat(chunks),
      isReused: sent.reusedSocket,
    })
    try {
      for await (const chunk of response) chunks.push(chunk as Buffer)
      return answer()
    } catch (error) {
      return { ...answer(), failure: failureOf(error) }
    }
  } catch (error) {
    return { ...nothing, failure: failureOf(error) }
  }
}

function failureOf(error: unknown): string {
  const { code, message } = error as NodeJS.ErrnoException
  return code ?? message
}

function pairs(rawHeaders: readonly string[]): [string, string][] {
  return rawHeaders.flatMap((name, index) =>
    index % 2 === 0 ? [[name, rawHeaders[index + 1]!] as [string, string]] : [],
  )
}
