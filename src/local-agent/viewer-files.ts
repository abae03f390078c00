// The files of the page, read once and kept: they are few and small, and no path of a request ever reaches the disk.

import { readdirSync, readFileSync } from 'node:fs'
import { extname, join } from 'node:path'

export interface ViewerFile {
  readonly contentType: string
  readonly bytes: Buffer
}

const CONTENT_TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.mjs': 'text/javascript; charset=utf-8',
  '.svg': 'image/svg+xml',
}

/** By the path of the request that asks for them. */
export function viewerFiles(folder = join(__dirname, 'viewer')): Map<string, ViewerFile> {
  const files = new Map<string, ViewerFile>()
  for (const name of readdirSync(folder)) {
    const contentType = CONTENT_TYPES[extname(name)]
    const path = name === 'index.html' ? '/' : `/${name}`
    if (contentType !== undefined) files.set(path, { contentType, bytes: readFileSync(join(folder, name)) })
  }
  return files
}
