// Measures a server program under load: CPU time and latency of a closed loop, then latency at a fixed rate.
//
// A closed loop of 20 connections keeps the server busy all the time: its latency follows the CPU time and says little of its own.
// So a second load comes at a rate that every peer can serve: there the 99th percentile shows what stops the server now and
// then, as flushes and garbage collections do.

import { applyLoad, applyRate } from './load.mjs'
import { startProgram } from './measured-program.mjs'
import { quantile } from './summary.mjs'

/** The rate, as a share of what the bare server serves: the slowest peers take some seven times its CPU. */
export const RATE = 0.1

const CONNECTIONS = 20
/** More than a server that keeps up ever needs. */
const OPEN_CONNECTIONS = 100
const OPEN_DURATION_MS = 2500
/** After a pause the first requests are slower. */
const OPEN_WARM_UP_MS = 500

/** A started and warm server. `load` may be called many times, then `stop`. */
export async function startServer({ file, args, peer, env, node, nodeArgs, path, warmUp, isSending = true, sink }) {
  await sink.take()
  const server = startProgram(file, { node, preload: peer.preload, args, env, nodeArgs })
  try {
    const { port } = await server.next()
    const target = { port, path }
    await applyLoad({ ...target, connections: CONNECTIONS, requests: warmUp })
    await ask(server, 'flush')
    const { spans } = await sink.take()
    if (isSending && spans === 0 && peer.preload !== undefined) throw new Error(`${peer.name} sent no spans`)
    return {
      /** Microseconds of CPU per request, latencies in milliseconds, spans that arrived per request. */
      async load(requests) {
        await ask(server, 'begin')
        const latencies = await applyLoad({ ...target, connections: CONNECTIONS, requests })
        const { cpuMicros } = await ask(server, 'end')
        const { spans } = await sink.take()
        return { cpu: cpuMicros / requests, ...percentiles(latencies), spans: spans / requests }
      },
      /** Latencies at a rate. */
      async loadAt(perSecond) {
        const open = { ...target, connections: OPEN_CONNECTIONS, perSecond }
        await applyRate({ ...open, durationMs: OPEN_WARM_UP_MS })
        return percentiles(await applyRate({ ...open, durationMs: OPEN_DURATION_MS }))
      },
      stop: () => server.stop(),
    }
  } catch (error) {
    await server.stop()
    throw error
  }
}

/** How many requests the bare server serves in a second. */
export async function capacity(setting, requests) {
  const server = await startServer({ ...setting, warmUp: requests })
  try {
    const beginMs = performance.now()
    await server.load(requests)
    return (requests / (performance.now() - beginMs)) * 1000
  } finally {
    await server.stop()
  }
}

function percentiles(latencies) {
  return { p50: quantile(latencies, 0.5), p99: quantile(latencies, 0.99) }
}

function ask(server, what) {
  const answer = server.next()
  server.send(what)
  return answer
}
