// A stand-in for Datadog's API: a real HTTP server on loopback that takes series, distributions, checks and events, decodes what was
// compressed, holds the limits of the real one, and keeps points as it does: the last one of a series and a second, and of distributions
// all. `/seen` tells a program under test how many requests there were. It keeps a list of everything the real one would have objected to; a test ends with `assert.deepEqual(server.violations, [])`.

import { once } from 'node:events'
import {
  createServer,
  type IncomingHttpHeaders,
  type IncomingMessage,
  type Server,
  type ServerResponse,
} from 'node:http'
import { createServer as createSecureServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { gunzipSync, inflateSync } from 'node:zlib'
import type { Certificate } from './certificate'

export interface PostedSeries {
  readonly metric: string
  readonly type?: string | number
  readonly interval?: number
  readonly host?: string
  readonly device?: string
  readonly tags?: readonly string[]
  readonly resources?: readonly { readonly type: string; readonly name: string }[]
  readonly points: readonly unknown[]
}

interface ApiRequest {
  readonly path: string
  readonly headers: IncomingHttpHeaders
  readonly sentBytes: number
  readonly rawBytes: number
  readonly body: unknown
  readonly status: number
}

/** How a request is answered: a status with headers, `hang` for never, `cut` for a connection that is cut off once all was read. */
export type ApiManner = { readonly status: number; readonly headers?: Record<string, string> } | 'hang' | 'cut'

/** Source: API reference: sent and inflated bytes. */
const LIMITS: Readonly<Record<string, readonly [sent: number, raw: number]>> = {
  '/api/v1/series': [3_200_000, 62_914_560],
  '/api/v2/series': [512_000, 5_242_880],
  '/api/v1/distribution_points': [3_200_000, 62_914_560],
}

/** Source: API reference, and facts of what each endpoint has been seen to take. */
const ENCODINGS: Readonly<Record<string, readonly string[]>> = {
  '/api/v1/series': ['deflate'],
  '/api/v2/series': ['deflate', 'gzip'],
  '/api/v1/distribution_points': ['deflate'],
}

export class ApiServer {
  readonly requests: ApiRequest[] = []
  readonly violations: string[] = []
  /** Of the requests to come, in their order; after that all are taken. */
  readonly manners: ApiManner[] = []
  /** Smaller than the real one's, to see what is done about it. */
  maxSentBytes: number | undefined
  /** Values by series and second. */
  readonly points = new Map<string, number>()
  readonly distributions = new Map<string, number[]>()
  readonly events: Record<string, unknown>[] = []
  readonly checks: Record<string, unknown>[] = []
  readonly #server: Server
  readonly #waiting: { isDone: () => boolean; resolve: () => void }[] = []
  /** That were opened. */
  connections = 0
  #port = 0

  readonly #scheme: string

  /** @param certificate for a server that is asked over TLS */
  constructor(certificate?: Certificate) {
    const take = (request: IncomingMessage, response: ServerResponse) => {
      const chunks: Buffer[] = []
      request.on('data', (chunk: Buffer) => chunks.push(chunk))
      request.on('error', () => {})
      request.on('end', () => {
        this.#answer(request.url ?? '', request.headers, Buffer.concat(chunks), response)
        for (const { isDone, resolve } of [...this.#waiting]) if (isDone()) resolve()
      })
    }
    this.#scheme = certificate === undefined ? 'http' : 'https'
    this.#server = certificate === undefined ? createServer(take) : createSecureServer(certificate, take)
    this.#server.on('connection', () => this.connections++)
  }

  get url(): string {
    return `${this.#scheme}://127.0.0.1:${this.#port}`
  }

  /** @param port default: any that is free, and the same again later */
  async listen(port = this.#port): Promise<void> {
    this.#server.listen(port, '127.0.0.1')
    await once(this.#server, 'listening')
    this.#port = (this.#server.address() as AddressInfo).port
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections()
    if (!this.#server.listening) return
    this.#server.close()
    await once(this.#server, 'close')
  }

  /** The sum of all points of a metric, whatever their tags, hosts and times. */
  total(metric: string): number {
    let sum = 0
    for (const [key, value] of this.points) if (key.startsWith(`${metric} `)) sum += value
    return sum
  }

  /** Resolves when `isDone` holds after a request. */
  async until(isDone: () => boolean): Promise<void> {
    if (isDone()) return
    await new Promise<void>((resolve) => this.#waiting.push({ isDone, resolve }))
  }

  #answer(path: string, headers: IncomingHttpHeaders, sent: Buffer, response: ServerResponse): void {
    if (path === '/seen') {
      response.end(JSON.stringify({ requests: this.requests.length }))
      return
    }
    const encoding = headers['content-encoding']
    const raw = encoding === 'gzip' ? gunzipSync(sent) : encoding === 'deflate' ? inflateSync(sent) : sent
    const body = JSON.parse(raw.toString()) as unknown
    const [maxSent = 512_000, maxRaw = 5_242_880] = LIMITS[path] ?? []
    const isTooLarge = sent.length > (this.maxSentBytes ?? maxSent)
    const manner = isTooLarge ? { status: 413 } : (this.manners.shift() ?? { status: 202 })
    const status = typeof manner === 'object' ? manner.status : 0
    this.requests.push({ path, headers, sentBytes: sent.length, rawBytes: raw.length, body, status })
    this.#object(sent.length <= maxSent, `${path}: ${sent.length} bytes sent`)
    this.#object(raw.length <= maxRaw, `${path}: ${raw.length} bytes inflated`)
    this.#object(Number(headers['content-length']) === sent.length, `${path}: content-length`)
    this.#object(headers['content-type'] === 'application/json', `${path}: content-type`)
    this.#object(headers['dd-api-key'] === 'the-key', `${path}: key`)
    this.#object(
      encoding === undefined || (ENCODINGS[path] ?? []).includes(String(encoding)),
      `${path}: encoding ${encoding}`,
    )
    if (manner === 'cut' || (status >= 200 && status < 300)) this.#take(path, body)
    if (manner === 'hang') return
    if (manner === 'cut') response.destroy()
    else response.writeHead(status, manner.headers).end(status === 202 ? '{"status":"ok"}' : '{"errors":["no"]}')
  }

  #take(path: string, body: unknown): void {
    if (path === '/api/v1/events') this.events.push(body as Record<string, unknown>)
    else if (path === '/api/v1/check_run') this.checks.push(...(body as Record<string, unknown>[]))
    else {
      const { series } = body as { series: PostedSeries[] }
      for (const item of series) {
        if (path === '/api/v1/distribution_points') this.#takeDistribution(item)
        else this.#takePoints(item)
      }
    }
  }

  #takePoints({ metric, host, resources, tags = [], points }: PostedSeries): void {
    const place = host ?? resources?.map(({ name }) => name).join() ?? ''
    for (const point of points) {
      const { timestamp, value: sent } = point as { timestamp: number; value: number }
      const [time, value] = Array.isArray(point) ? (point as [number, number]) : [timestamp, sent]
      this.#object(Number.isInteger(time) && Number.isFinite(value), `${metric}: point ${JSON.stringify(point)}`)
      this.points.set(`${metric} ${place} ${[...tags].sort().join()} ${time}`, value)
    }
  }

  #takeDistribution({ metric, host = '', tags = [], points }: PostedSeries): void {
    for (const [time, values] of points as [number, number[]][]) {
      const key = `${metric} ${host} ${[...tags].sort().join()} ${time}`
      this.#object(values.length > 0 && values.every(Number.isFinite), `${metric}: values`)
      this.distributions.set(key, [...(this.distributions.get(key) ?? []), ...values])
    }
  }

  #object(isRight: boolean, what: string): void {
    if (!isRight) this.violations.push(what)
  }
}

export async function startApiServer(certificate?: Certificate): Promise<ApiServer> {
  const server = new ApiServer(certificate)
  await server.listen()
  return server
}
