// One HTTP request with full control over its headers, which `fetch` does not give (Host, Origin).

import { type IncomingHttpHeaders, request } from 'node:http'

export interface Sent {
  readonly status: number
  readonly headers: IncomingHttpHeaders
  readonly text: string
}

export function send(
  url: string,
  options: { method?: string; headers?: Record<string, string>; body?: Buffer | string } = {},
): Promise<Sent> {
  const { method = 'GET', headers = {}, body } = options
  return new Promise((resolve, reject) => {
    const outgoing = request(url, { method, headers, agent: false }, (response) => {
      const parts: Buffer[] = []
      response.on('data', (part: Buffer) => parts.push(part))
      response.once('error', reject)
      response.once('end', () => {
        resolve({ status: response.statusCode ?? 0, headers: response.headers, text: Buffer.concat(parts).toString() })
      })
    })
    outgoing.once('error', reject)
    outgoing.end(body)
  })
}

export function put(url: string, body: Buffer | string, headers: Record<string, string> = {}): Promise<Sent> {
  const contentType = typeof body === 'string' ? 'application/json' : 'application/msgpack'
  return send(url, { method: 'PUT', headers: { 'content-type': contentType, ...headers }, body })
}
