// What does a plugin add to a call of the library?
//
// ioredis against a real Redis on this machine: `get` with a promise and `get` with a callback, fifty under way at a time in a span of
// the program. It was chosen because all peers patch it, it has both styles, and a call is cheap in itself, so that what a plugin
// adds stands out. What is counted is all of the process's CPU time, the span of the call made, encoded and sent, a fiftieth of the
// span around it included. The same calls without a tracer are subtracted.

import { startProgram } from './measured-program.mjs'
import { startServices } from './services.mjs'
import { added, median, medianAndSpread, ratio } from './summary.mjs'

export const name = 'plugin-call'
export const question = 'CPU time added per call of ioredis that becomes a span'
export const rounds = 3

const STYLES = ['promise', 'callback']

export async function open({ dd }) {
  const services = await startServices(dd, ['redis'])
  return services.missing === undefined ? { ...services, url: services.urls[0] } : services
}

/** One sample: microseconds of CPU per call, and spans that arrived per call, by style. */
export async function measure({ shared, peer, node, env, sink, nodeArgs }) {
  const sample = {}
  for (const style of STYLES) {
    await sink.take()
    const args = [peer.name, style, shared.url]
    const program = startProgram('call-redis.cjs', { node, preload: peer.preload, args, env, nodeArgs })
    const { cpuMicros, calls, allCalls } = await program.next()
    await program.stop()
    const { spans } = await sink.take()
    if (peer.preload !== undefined && spans === 0) throw new Error(`${peer.name} sent no spans`)
    sample[style] = cpuMicros / calls
    sample[`${style}: spans`] = spans / allCalls
  }
  return sample
}

export function report({ bare, ...others }, reference) {
  const rows = STYLES.flatMap((style) => [
    [style, 'bare', '', '', medianAndSpread(bare[style], 2), ''],
    ...Object.entries(others).map(([peer, samples]) => {
      const cost = added(samples[style], bare[style])
      return [
        style,
        peer,
        medianAndSpread(cost, 2),
        ratio(cost, added(others[reference][style], bare[style])),
        medianAndSpread(samples[style], 2),
        median(samples[`${style}: spans`]).toFixed(2),
      ]
    }),
  ])
  return { headings: ['style', 'tracer', 'µs CPU added', `of ${reference}`, 'µs CPU in all', 'spans per call'], rows }
}
