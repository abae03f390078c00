// Everything that can happen to a global `fetch`: each form of the call, each end of the request, and what may come in between.

import type { CallStyle } from '../support/call-styles'
import { arrived, type Site } from './http-site'

export interface Row extends CallStyle<Site> {
  /** `resource status`, and `error`, of each span; default: one that went well. */
  readonly spans?: readonly string[]
}

/** Nobody listens there. */
const dead = ({ refusedPort }: Site) => `http://127.0.0.1:${refusedPort}/`

/** What a program sees of a response. */
async function seen(promise: Promise<Response>): Promise<unknown> {
  const response = await promise
  const { status, ok, redirected, type, url } = response
  const headers = [...response.headers].filter(([name]) => name !== 'date')
  return { status, ok, redirected, type, url, headers, body: await response.text() }
}

/** Errors hold sockets, whose ports and counters differ. */
const failed = (promise: Promise<unknown>) =>
  promise.then(
    () => 'no failure',
    ({ name, message, cause }: Error) => [name, message, String(cause)],
  )

/** Fetches, and stops when `moment` comes. */
async function stopped(url: string, moment: (response: Promise<Response>) => Promise<unknown>, reason?: unknown) {
  const controller = new AbortController()
  const response = fetch(url, { signal: controller.signal })
  response.catch(() => {})
  await moment(response)
  controller.abort(reason)
  return (await response).text()
}

const arrival = async () => {
  while (arrived.length === 0) await new Promise(setImmediate)
}

export const rows: Row[] = [
  { name: 'text', run: ({ url }) => seen(fetch(`${url}/a?b=c#d`)) },
  { name: 'a URL', run: ({ url }) => seen(fetch(new URL('/a', url))) },
  { name: 'a Request', run: ({ url }) => seen(fetch(new Request(url, { headers: { 'x-own': 'yes' } }))) },
  {
    name: 'a Request and options',
    run: ({ url }) => seen(fetch(new Request(url), { method: 'HEAD' })),
    spans: ['HEAD 200'],
  },
  { name: 'headers as an object', run: ({ url }) => seen(fetch(url, { headers: Object.freeze({ 'X-Own': 'yes' }) })) },
  {
    name: 'headers in pairs',
    run: ({ url }) =>
      seen(
        fetch(url, {
          headers: [
            ['x-own', '1'],
            ['x-own', '2'],
          ],
        }),
      ),
  },
  {
    name: 'Headers that are used again',
    async run({ url }, probe) {
      const headers = new Headers({ 'x-own': 'yes' })
      const both = [await seen(fetch(url, { headers })), await seen(fetch(url, { headers }))]
      probe.note('headers', [...headers])
      return both
    },
    spans: ['GET 200', 'GET 200'],
  },
  {
    name: 'Headers of another trace',
    run: ({ url }) =>
      seen(fetch(url, { headers: new Headers({ 'X-Datadog-Trace-Id': '1', 'x-datadog-parent-id': '2' }) })),
  },
  { name: 'a body of text', run: ({ url }) => seen(fetch(url, { method: 'POST', body: 'sent' })), spans: ['POST 200'] },
  {
    name: 'a body of form data',
    run: ({ url }) => seen(fetch(url, { method: 'PUT', body: new URLSearchParams({ a: 'b' }) })),
    spans: ['PUT 200'],
  },
  {
    name: 'a body that is a stream',
    run: ({ url }) => {
      const body = new Blob(['in', 'pieces']).stream()
      return seen(fetch(url, { method: 'PATCH', body, duplex: 'half' } as RequestInit))
    },
    spans: ['PATCH 200'],
  },
  ...[200, 204, 304, 400, 404, 499, 500, 503].map((status) => ({
    name: `an answer of ${status}`,
    run: ({ url }: Site) => seen(fetch(`${url}/${status}`)),
    spans: [`GET ${status}${status >= 400 && status < 500 ? ' error' : ''}`],
  })),
  { name: 'a path that begins with //', run: ({ url }) => seen(fetch(`${url}//other.example/a`)) },
  { name: 'an answer after early hints', run: ({ url }) => seen(fetch(`${url}/hints`)) },
  { name: 'a redirect', run: ({ url }) => seen(fetch(`${url}/302`)), spans: ['GET 302', 'GET 200'] },
  {
    name: 'a redirect that is not followed',
    run: ({ url }) => seen(fetch(`${url}/302`, { redirect: 'manual' })),
    spans: ['GET 302'],
  },
  {
    name: 'a redirect that is refused',
    run: ({ url }) => fetch(`${url}/302`, { redirect: 'error' }),
    spans: ['GET 302'],
  },
  {
    name: 'a body read in pieces',
    async run({ url }) {
      let body = ''
      for await (const part of (await fetch(url)).body!) body += Buffer.from(part)
      return body
    },
  },
  {
    name: 'a body that is cancelled',
    async run({ url }) {
      const { body } = await fetch(`${url}/endless`)
      return body?.cancel()
    },
    spans: ['GET 404 error'],
  },
  { name: 'a refused connection', run: (site) => fetch(dead(site)), spans: ['GET - error'] },
  {
    name: 'a refused connection that nobody handles',
    run(site, probe) {
      void fetch(dead(site))
      return probe.unhandled()
    },
    spans: ['GET - error'],
  },
  { name: 'a server that hangs up', run: ({ url }) => failed(fetch(`${url}/hang-up`)), spans: ['GET - error'] },
  {
    name: 'a certificate that is not trusted',
    run: ({ secureUrl }) => failed(fetch(secureUrl)),
    spans: ['GET - error'],
  },
  { name: 'a signal that has gone off', run: ({ url }) => fetch(url, { signal: AbortSignal.abort() }), spans: [] },
  { name: 'a signal that goes off', run: ({ url }) => stopped(`${url}/never`, arrival), spans: ['GET -'] },
  {
    name: 'a signal with a reason',
    run: ({ url }) => stopped(`${url}/never`, arrival, new RangeError('enough')),
    spans: ['GET - error'],
  },
  {
    name: 'a signal in the middle of a body',
    run: ({ url }) => stopped(`${url}/endless`, (response) => response),
    spans: ['GET 404 error'],
  },
  {
    name: 'a time that is up',
    run: ({ url }) => fetch(`${url}/never`, { signal: AbortSignal.timeout(20) }),
    spans: ['GET - error'],
  },
  { name: 'text that is no URL', run: () => fetch('no URL'), spans: [] },
  { name: 'credentials', run: () => fetch('http://ali:open-sesame@127.0.0.1/'), spans: [] },
  { name: 'a method that is forbidden', run: ({ url }) => fetch(url, { method: 'CONNECT' }), spans: [] },
  { name: 'a header that is none', run: ({ url }) => fetch(url, { headers: { 'x own': 'a' } }), spans: [] },
  { name: 'nothing', run: () => (fetch as () => unknown)(), spans: [] },
  { name: 'data in the URL', run: () => seen(fetch('data:text/plain,hello')), spans: [] },
]
