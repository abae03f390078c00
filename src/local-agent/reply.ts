// The one way a reply leaves the local agent, so that no reply lacks the headers that keep other pages out.
//
// What spans say comes from anywhere, so the page may load nothing but its own three kinds of file, run nothing
// inline, be framed by nobody, and no other origin may read or embed anything.

import type { ServerResponse } from 'node:http'
import { exactJson } from './exact-json'

const CONTENT_SECURITY_POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self'",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ')

export const SECURITY_HEADERS: Readonly<Record<string, string>> = {
  'Content-Security-Policy': CONTENT_SECURITY_POLICY,
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Cross-Origin-Resource-Policy': 'same-origin',
  'Referrer-Policy': 'no-referrer',
  'X-Content-Type-Options': 'nosniff',
  'Cache-Control': 'no-store',
}

export function reply(
  response: ServerResponse,
  status: number,
  contentType: string,
  body: string | Buffer,
  more: Readonly<Record<string, string>> = {},
): void {
  const headers = {
    ...SECURITY_HEADERS,
    'Content-Type': contentType,
    'Content-Length': Buffer.byteLength(body),
    ...more,
  }
  response.writeHead(status, headers).end(body)
}

export function replyJson(response: ServerResponse, status: number, value: unknown): void {
  reply(response, status, 'application/json', exactJson(value))
}
