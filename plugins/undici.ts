// Global `fetch` and undici, by the channels that undici publishes in both forms since 5.x (Node ≥ 18).
//
// A redirect is a request of its own, as it is on the wire.

import { definePlugin, tags } from '../src/plugin'

interface Request {
  readonly method: string
  readonly origin: string | URL
  readonly path: string
  addHeader(name: string, value: string): unknown
}

interface Message {
  readonly request: Request
  readonly response?: { readonly statusCode: number }
}

export default definePlugin({
  name: 'undici',
  channels: [
    {
      module: 'undici',
      channel: {
        start: 'undici:request:create',
        progress: 'undici:request:headers',
        finish: 'undici:request:trailers',
        error: 'undici:request:error',
      },
      operation: {
        name: 'http.request',
        type: 'http',
        kind: 'client',

        key: ({ request }: Message) => request,

        start({ request: { method, origin, path } }: Message) {
          const url = new URL(path, origin)
          return {
            resource: method,
            tags: {
              [tags.HTTP_METHOD]: method,
              [tags.HTTP_URL]: url.origin + url.pathname,
              [tags.OUT_HOST]: url.hostname.replace(/^\[|\]$/g, ''),
              [tags.DESTINATION_PORT]: Number(url.port) || (url.protocol === 'https:' ? 443 : 80),
            },
          }
        },

        before(_span, { request }: Message, headers) {
          for (const [name, value] of Object.entries(headers())) request.addHeader(name, value)
        },

        progress(span, { response }: Message) {
          const status = response?.statusCode ?? 0
          span.put(tags.HTTP_STATUS_CODE, String(status))
          if (status >= 400 && status < 500) span.error = 1
        },
      },
    },
  ],
})
