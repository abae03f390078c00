// How much memory does a tracer take?
//
// At rest: a program that has loaded and built what a small service has (Express and pg), after full garbage collections. Then
// with spans made by hand (adapters.cjs), in a program of its own: 10,000 spans that are finished and still wait, and the same
// process when they have been sent. Each number is what the process has more than the same program without a tracer.
// "Heap" is V8's heap and what lies outside of it (buffers: encoded spans wait there); RSS is the whole process.

import { startProgram } from './measured-program.mjs'
import { added, addedRatio, median, medianAndSpread, ratio, times } from './summary.mjs'

export const name = 'memory'
export const question = 'memory added at rest, and by 10,000 finished spans (MiB)'
export const rounds = 7

const SITUATIONS = ['at rest', 'before spans', '10,000 spans wait', 'they are sent']
const KINDS = ['heap', 'rss']

const target = (kind, what) => ({
  what: `memory added at rest: ${what}`,
  goal: '≤ 1/3 of dd-trace',
  atMost: 1 / 3,
  value: (samples) => addedRatio(samples, `at rest ${kind}`),
  show: times,
})
export const targets = [target('rss', 'whole process'), target('heap', 'heap and buffers')]

/** One sample: MiB by situation and kind. */
export async function measure({ peer, node, env, nodeArgs, sink }) {
  const options = { node, env, nodeArgs: [...nodeArgs, '--expose-gc'] }
  const rest = startProgram('rest-in-memory.cjs', { ...options, preload: peer.preload })
  const sample = flat('at rest', await rest.next())
  await rest.stop()

  await sink.take()
  const program = startProgram('hold-spans.cjs', { ...options, args: [peer.name] })
  const { before, waiting, sent, spans: made } = await program.next()
  await program.stop()
  const { spans } = await sink.take()
  Object.assign(sample, flat('before spans', before), flat('10,000 spans wait', waiting), flat('they are sent', sent))
  return { ...sample, lost: peer.name === 'bare' ? 0 : 1 - spans / made }
}

function flat(situation, bytes) {
  return Object.fromEntries(KINDS.map((kind) => [`${situation} ${kind}`, bytes[kind] / 2 ** 20]))
}

export function report({ bare, ...tracers }, reference) {
  const rows = SITUATIONS.flatMap((situation) =>
    Object.entries(tracers).map(([peer, samples]) => {
      const cells = KINDS.flatMap((kind) => {
        const over = (one) => added(one[`${situation} ${kind}`], bare[`${situation} ${kind}`])
        return [medianAndSpread(over(samples), 1), ratio(over(samples), over(tracers[reference]))]
      })
      const isSent = situation === SITUATIONS.at(-1)
      return [situation, peer, ...cells, isSent ? `${(median(samples.lost) * 100).toFixed(1)} %` : '']
    }),
  )
  const of = `of ${reference}`
  return { headings: ['situation', 'tracer', 'heap added', of, 'RSS added', of, 'spans lost'], rows }
}
