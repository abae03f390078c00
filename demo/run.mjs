// `npm run demo`: a real Postgres, two ordinary services under `dog run`, and some requests. What you see in the terminal
// and on the page is what any program of yours would show.
//
// Serves until Ctrl+C; with --once it ends after the requests.

import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { startDatabase } from './database.mjs'

const REQUESTS = [
  ['GET', '/items'],
  ['GET', '/items/1'],
  ['GET', '/search?q=tea'],
  ['GET', '/offer'],
  ['POST', '/checkout', { item: 1, card: 'valid' }],
  ['POST', '/checkout', { item: 2, card: 'expired' }],
  ['GET', '/broken'],
  ['GET', '/nothing-here'],
]
const root = fileURLToPath(new URL('..', import.meta.url))
const staysOpen = !process.argv.includes('--once')

console.log('demo: starting Postgres (PGlite, in this process) …')
const database = await startDatabase()

console.log('demo: dog run -- node demo/services.js')
const dog = spawn(
  process.execPath,
  [join(root, 'dist/src/cli/dog.js'), 'run', '--', process.execPath, join(root, 'demo/services.js')],
  {
    stdio: ['inherit', 'pipe', 'inherit'],
    // The second ties the lines that the shop prints to its spans.
    env: { ...process.env, DATABASE_URL: database.url, DD_TRACE_CONSOLE_ENABLED: 'true' },
  },
)

// Ctrl+C reaches every process of the terminal; `dog` ends when the shop has.
process.on('SIGINT', () => {})
process.on('SIGTERM', () => dog.kill('SIGTERM'))
dog.once('exit', async (code, signal) => {
  await database.stop()
  process.exit(signal === null ? code : 1)
})

const shop = await addressOf(dog)
for (const [method, path, body] of REQUESTS) {
  const json = body && { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } }
  const response = await fetch(shop + path, { method, ...json })
  await response.text()
  console.log(`demo: ${method} ${path} → ${response.status}`)
}
if (staysOpen) console.log(`demo: more traces with  curl ${shop}/items/1  — Ctrl+C ends the demo`)
else dog.kill('SIGTERM')

/** Passes the shop's output on, and resolves to the address it prints. */
async function addressOf({ stdout }) {
  stdout.pipe(process.stdout)
  stdout.setEncoding('utf8')
  for (let text = ''; ; ) {
    const [part] = await once(stdout, 'data')
    text += part
    const found = /http:\/\/\S+/.exec(text)
    if (found !== null) return found[0]
  }
}
