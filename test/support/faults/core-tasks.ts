// What `dd` does by itself: start, patch, watch files being loaded, send on a timer, in time, when asked, and stop. Without it there is
// nothing to do.

import { once } from 'node:events'
import http from 'node:http'
import { createRequire } from 'node:module'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import type { MakeTasks, Task } from './program'

export const PACKAGES = { connect: '3.7.0', 'generic-pool': '3.9.0' }

const wait = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms))
/** More than the exporter's interval and the age of traces that the test sets. */
const LATER_MS = 25

export const make: MakeTasks = async (need, dd) => {
  const tracer = dd?.tracer
  const folder = (need as unknown as NodeJS.Require).resolve('generic-pool/package.json')
  const load = (name: string) => {
    const require = createRequire(folder)
    for (const path of Object.keys(require.cache))
      if (path.includes(`/node_modules/${name}/`)) delete require.cache[path]
    return require(name)
  }
  const init = () => {
    if (dd === undefined) return
    const path = join(dd.folder, 'src', 'init.js')
    delete require.cache[path]
    require(path)
  }
  const server = http.createServer((_request, response) => response.end('hello'))
  server.listen(0, '127.0.0.1').unref()
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  /** A trace of what is traced without any library. */
  const ask = (headers: Record<string, string> = {}) =>
    new Promise((resolve, reject) => {
      const options = { port, host: '127.0.0.1', agent: false, headers }
      http
        .get(options, (response) => response.resume().on('end', () => resolve(response.statusCode)))
        .on('error', reject)
    })
  const HEADERS = {
    'x-datadog-trace-id': '1234567890',
    'x-datadog-parent-id': '987654321',
    'x-datadog-sampling-priority': '1',
    'x-datadog-tags': '_dd.p.tid=640cfd8d00000000,_dd.p.dm=-4',
    traceparent: '00-640cfd8d0000000000000000499602d2-000000003ade68b1-01',
    tracestate: 'dd=s:1;o:rum;t.dm:-4,other=1',
    'x-b3-traceid': '1',
    'x-b3-spanid': '2',
    b3: '1-2-1',
    baggage: 'user.id=1,other=2',
  }
  const tasks: Record<string, Task> = {
    ask: () => ask(),
    'ask with headers': () => ask(HEADERS),
    'ask, and what came late': async () => [await ask(), await wait(LATER_MS)],
    async 'ask and flush'() {
      await ask()
      await tracer?.flush()
      return true
    },
    async 'a span that never finishes'() {
      tracer?.trace('never').trace.usOf(undefined)
      const parent = tracer?.startSpan('never')
      tracer?.startSpan('child', { childOf: parent ?? null, links: [{ traceId: '1', spanId: '2' }] }).finish()
      parent?.addEvent('something', { a: 1 })
      await wait(LATER_MS)
      return ask()
    },
    async 'start anew'() {
      await tracer?.shutdown()
      init()
      await wait(LATER_MS)
      return ask()
    },
    async 'patch anew'() {
      const { patchAll, unpatchAll } =
        dd === undefined ? ({} as Record<string, undefined>) : require(join(dd.folder, 'src', 'start.js'))
      unpatchAll?.()
      patchAll?.()
      return ask()
    },
    'load a file': () => typeof load('generic-pool').createPool,
    'load another': () => typeof load('connect'),
  }
  return {
    tasks,
    close: () => server.close(),
    // Whatever has failed at the start, the next round starts well.
    async repair() {
      await tracer?.shutdown()
      init()
    },
  }
}
