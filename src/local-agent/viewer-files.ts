// The files of the page, read once and kept: they are four and small, and no path of a request ever reaches the disk.
//
// A browser that has a file already is told so by its tag, and text goes out packed: the page is as quick to open over a slow
// tunnel as it is on this machine.

import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { reply, SECURITY_HEADERS } from './reply'

export interface ViewerFile {
  readonly contentType: string
  readonly bytes: Buffer
  /** Smaller, for those who can unpack it. */
  readonly packed: Buffer
  /** Another one for other bytes. */
  readonly tag: string
}

const CONTENT_TYPES: Readonly<Record<string, string>> = {
  'index.html': 'text/html; charset=utf-8',
  'app.css': 'text/css; charset=utf-8',
  'app.js': 'text/javascript; charset=utf-8',
  'icon.svg': 'image/svg+xml',
}

/** By the path of the request that asks for them. */
export function viewerFiles(folder = join(__dirname, 'viewer')): Map<string, ViewerFile> {
  const files = new Map<string, ViewerFile>()
  for (const [name, contentType] of Object.entries(CONTENT_TYPES)) {
    const bytes = readFileSync(join(folder, name))
    const tag = `"${createHash('sha256').update(bytes).digest('base64url').slice(0, 22)}"`
    files.set(name === 'index.html' ? '/' : `/${name}`, { contentType, bytes, packed: gzipSync(bytes), tag })
  }
  return files
}

export function replyViewerFile(request: IncomingMessage, response: ServerResponse, file: ViewerFile): void {
  const { contentType, bytes, packed, tag } = file
  const headers = { 'Cache-Control': 'no-cache', ETag: tag, Vary: 'Accept-Encoding' }
  if (request.headers['if-none-match'] === tag) {
    response.writeHead(304, { ...SECURITY_HEADERS, ...headers }).end()
  } else if (/\bgzip\b/.test(String(request.headers['accept-encoding'] ?? ''))) {
    reply(response, 200, contentType, packed, { ...headers, 'Content-Encoding': 'gzip' })
  } else reply(response, 200, contentType, bytes, headers)
}
