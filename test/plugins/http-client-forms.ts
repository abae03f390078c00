// The forms in which programs call `http.request` and `http.get`: those that Node takes, those that it refuses, and requests that are signed.

import type { IncomingMessage } from 'node:http'
import { parse } from 'node:url'
import type { Site } from './http-site'

export type Callback = (response: IncomingMessage) => void

export const PASSWORD = 'open-sesame'

/** A URL that is not of this realm's class. */
class ForeignUrl {
  readonly #url: URL
  constructor(text: string) {
    this.#url = new URL(text)
    for (const part of ['href', 'protocol', 'hostname', 'port', 'pathname', 'search', 'hash'] as const) {
      Object.defineProperty(this, part, { get: () => this.#url[part] })
    }
  }
}

export const shared = Object.freeze({ path: '/shared', headers: Object.freeze({ 'X-Own': 'yes', accept: ['a', 'b'] }) })

export const forms: [name: string, args: (site: Site, callback: Callback) => unknown[], spans?: string[]][] = [
  ['text', ({ url }) => [`${url}/a?b=c#d`]],
  ['text and callback', ({ url }, callback) => [`${url}/a`, callback]],
  ['text, undefined and callback', ({ url }, callback) => [url, undefined, callback]],
  ['text, null and callback', ({ url }, callback) => [url, null, callback]],
  ['text, something odd and callback', ({ url }, callback) => [url, 'odd', callback]],
  ['a URL', ({ url }) => [new URL(`${url}/a?b=c#d`)]],
  ['a URL and callback', ({ url }, callback) => [new URL(url), callback]],
  ['a URL, options and callback', ({ url }, callback) => [new URL(url), { headers: { 'x-own': 'yes' } }, callback]],
  ['a URL with credentials', ({ port }) => [new URL(`http://ali:${PASSWORD}@127.0.0.1:${port}/cave`)]],
  ['a URL of another realm', ({ url }, callback) => [new ForeignUrl(`${url}/a?b=c`), callback]],
  ['a URL with options on it', ({ url }) => [Object.assign(new URL(url), { headers: { 'x-own': 'yes' } })]],
  ['a URL with a foreign host option', ({ url }) => [new URL(url), { host: 'nowhere.invalid' }]],
  ['options', ({ port }) => [{ port, path: '/a?b=c', method: 'GET' }]],
  ['options and callback', ({ port }, callback) => [{ hostname: '127.0.0.1', port: String(port) }, callback]],
  ['options, undefined', ({ port }, callback) => [{ host: '127.0.0.1', port }, callback, undefined]],
  ['options of the old URL parser', ({ url }, callback) => [parse(`${url}/a?b=c`), callback]],
  ['frozen options', ({ port }) => [Object.freeze({ ...shared, port })]],
  ['options with credentials', ({ port }) => [{ port, auth: `ali:${PASSWORD}` }]],
  [
    'options that inherit headers',
    ({ port }) => [Object.assign(Object.create({ headers: { 'x-own': 'yes' } }), { port })],
  ],
  ['text and options', ({ url }) => [url, { path: '/instead', headers: { 'x-own': ['1', '2'] } }]],
  [
    'text, options and callback',
    ({ url }, callback) => [url, Object.freeze({ method: 'HEAD' }), callback],
    ['HEAD 200'],
  ],
  [
    'headers without prototype',
    ({ url }) => [url, { headers: Object.assign(Object.create(null), { 'x-own': 'yes' }) }],
  ],
  ['headers of null', ({ url }) => [url, { headers: null }]],
  ['headers in a list', ({ url }) => [url, { headers: ['Host', 'a', 'X-Own', 'yes', 'X-Own', 'no'] }]],
  ['headers in an empty list', ({ url }) => [url, { headers: ['Host', 'a'], agent: false }]],
  [
    'headers in pairs',
    ({ url }) => [
      url,
      {
        headers: [
          ['Host', 'a'],
          ['X-Own', 'yes'],
        ],
      },
    ],
  ],
  [
    'headers of another trace',
    ({ url }) => [url, { headers: { 'X-Datadog-Trace-Id': '1', 'x-datadog-parent-id': 2 } }],
  ],
  [
    'a list of another trace',
    ({ url }) => [url, { headers: ['Host', 'a', 'X-Datadog-Trace-Id', '1', 'X-Own', 'yes'] }],
  ],
  [
    'pairs of another trace',
    ({ url }) => [
      url,
      {
        headers: [
          ['Host', 'a'],
          ['x-datadog-parent-id', '1'],
        ],
      },
    ],
  ],
  ['an agent of its own', ({ url }) => [url, { agent: false }]],
]

/** Calls that Node refuses. */
export const refused: [name: string, args: unknown[], spans?: string[]][] = [
  ['text that is no URL', ['no URL'], []],
  ['a protocol that is not its own', ['ftp://127.0.0.1/']],
  ['the protocol of the other module', [new URL('https://127.0.0.1/')]],
  ['a method of two words', [{ method: 'GE T' }], ['GE T - error']],
  ['a method that is no text', [{ method: 5 }], ['5 - error']],
  ['a host that is no text', [{ host: 5 }]],
  ['a path with a space', [{ path: '/a b' }]],
  ['a port there cannot be', [{ port: 99_999 }]],
  ['a header without value', [{ headers: { 'x-own': undefined } }]],
  ['a header with a line break', [{ headers: { 'x-own': 'a\nb' } }]],
  ['a list of headers without the last value', [{ headers: ['Host', 'a', 'X-Own'] }]],
  ['a header name with a space', [{ headers: { 'x own': 'a' } }]],
  ['an agent that is none', [{ agent: 5 }]],
  ['a callback that is none', ['http://127.0.0.1:1', {}, 'callback']],
  ['a signal that is none', [{ signal: 'abort' }]],
]

const aws = 'AWS4-HMAC-SHA256 Credential=AKIA/20200101/eu/s3/aws4_request, SignedHeaders=host, Signature=abc'
const signedQuery = '?X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Signature=abc'
export const signed: [name: string, args: (site: Site) => unknown[]][] = [
  ['a header', ({ url }) => [url, { headers: { Authorization: aws } }]],
  ['a header in another case', ({ url }) => [url, { headers: { AUTHORIZATION: [aws] } }]],
  ['a list of headers', ({ url }) => [url, { headers: ['host', 'a', 'authorization', aws] }]],
  [
    'pairs of headers',
    ({ url }) => [
      url,
      {
        headers: [
          ['host', 'a'],
          ['authorization', aws],
        ],
      },
    ],
  ],
  ['the query of text', ({ url }) => [`${url}/${signedQuery}`]],
  ['the query of a URL', ({ url }) => [new URL(`${url}/${signedQuery}`)]],
  ['the path of options', ({ port }) => [{ port, path: `/${signedQuery.toLowerCase()}` }]],
]
