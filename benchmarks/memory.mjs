// How much memory does a tracer take?
//
// At rest: a program that has loaded and built what a small service has (Express and pg), after full garbage collections. Then a
// program that makes spans by hand (adapters.cjs): when it has sent 30,000 and its buffers have grown to their size; and how much
// more that is while 10,000 finished spans wait to be sent, and when these have been sent. All less the same program without
// a tracer. "Heap" is V8's heap and what lies outside of it (buffers: encoded spans wait there); RSS is the whole process.

import { startProgram } from './measured-program.mjs'
import { added, addedRatio, median, medianAndSpread, ratio, times } from './summary.mjs'

export const name = 'memory'
export const question = 'memory added at rest, and by 10,000 finished spans (MiB)'
export const rounds = 5

const SITUATIONS = ['at rest', 'after 30,000 spans', '+ 10,000 spans that wait', '+ when they are sent']
const KINDS = ['heap', 'rss']
/** Less than this is nothing to compare with. */
const COMPARABLE_MIB = 1

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
  const [, after, whileWaiting, whenSent] = SITUATIONS
  const growth = ({ heap, rss }) => ({ heap: heap - before.heap, rss: rss - before.rss })
  Object.assign(sample, flat(after, before), flat(whileWaiting, growth(waiting)), flat(whenSent, growth(sent)))
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
        const isComparable = median(over(tracers[reference])) >= COMPARABLE_MIB
        return [medianAndSpread(over(samples), 1), isComparable ? ratio(over(samples), over(tracers[reference])) : '']
      })
      const isSent = situation === SITUATIONS.at(-1)
      return [situation, peer, ...cells, isSent ? `${(median(samples.lost) * 100).toFixed(1)} %` : '']
    }),
  )
  const of = `of ${reference}`
  return { headings: ['situation', 'tracer', 'heap added', of, 'RSS added', of, 'spans lost'], rows }
}
