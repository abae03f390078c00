// The site that the static servers serve: pages, a folder, something to compress, something large, names that have to be encoded.

import { headerOf } from '../answer-differences'
import type { Asker } from '../asker'
import type { ProgramHome } from '../program-home'

export const LARGE_BYTES = 3_000_000

export function writeSite(home: ProgramHome, folder: string): void {
  const files: [string, string | Buffer][] = [
    ['index.html', '<!doctype html><title>Home</title><h1>Welcome</h1>'],
    ['about.html', '<!doctype html><title>About</title><p>About us</p>'],
    ['style.css', 'body { color: #123 }\n'.repeat(500)],
    ['docs/readme.txt', 'read me\n'],
    ['a name & more.txt', 'encoded\n'],
    ['large.bin', Buffer.alloc(LARGE_BYTES, 'abcdefg')],
  ]
  for (const [name, content] of files) home.write(`${folder}/${name}`, content)
}

/** What browsers ask a static server for. */
export async function askForSite(asker: Asker): Promise<void> {
  const nothing = { route: null }
  await asker.send('GET /', nothing)
  await asker.send('GET /about.html', nothing)
  await asker.send('GET /about', nothing)
  await asker.send('HEAD /style.css', nothing)
  const style = await asker.send('GET /style.css', nothing)
  await asker.send('GET /style.css', { headers: { 'accept-encoding': 'gzip, deflate, br' }, ...nothing })
  const unchanged = { 'if-none-match': headerOf(style, 'etag'), 'if-modified-since': headerOf(style, 'last-modified') }
  for (const [name, value] of Object.entries(unchanged)) {
    if (value !== undefined) await asker.send('GET /style.css', { headers: { [name]: value }, ...nothing })
  }
  await asker.send('GET /large.bin', nothing)
  await asker.send('GET /large.bin', { headers: { range: 'bytes=100-199' }, ...nothing })
  await asker.send('GET /large.bin', { headers: { range: `bytes=${LARGE_BYTES + 1}-` }, ...nothing })
  await asker.send('GET /docs', nothing)
  await asker.send('GET /docs/', nothing)
  await asker.send('GET /docs/readme.txt?version=2', nothing)
  await asker.send('GET /a%20name%20%26%20more.txt', nothing)
  await asker.send('GET /missing.html', nothing)
  await asker.send('GET /%2e%2e/package.json', nothing)
  await asker.send('GET /%zz', nothing)
  await asker.send('POST /about', { body: 'name=value', ...nothing })
  await asker.send('OPTIONS /about', { headers: { origin: 'http://example.com' }, ...nothing })
  await asker.hangUp('GET /large.bin', nothing)
  await asker.together(
    Array.from({ length: 20 }, (_, n) => `GET /docs/readme.txt?n=${n}`),
    nothing,
  )
  await asker.raw('what is no HTTP', 'HELLO\r\n\r\n')
}
