// How fast does a payload of traces come from finished spans?
//
// One process per encoder and round writes the same 500 traces of ten spans again and again, each time as one payload of some two
// megabytes, and its CPU time, garbage collection included, is divided by the spans. What is counted for whom:
//
// - dd: from finished spans to bytes, by the encoder of its exporter, the buffer given back as the exporter does.
// - dd-trace: from finished spans to bytes: it makes an object of each span first ("format"), which its encoder then writes. The
//   last lines show its encoder alone, given objects made beforehand.
// - msgpack-lite, @msgpack/msgpack, msgpackr: objects in the form of the wire, decoded from what dd has written, to bytes. Making
//   these objects of spans is not counted, in their favour.
//
// Before it measures, each process decodes what it has written and compares: the libraries' payloads hold just what dd's does; dd-trace
// and version 0.5 the same names, services, resources, errors and seven tags of every span, beside what each adds of its own.

import { startProgram } from './measured-program.mjs'
import { tracers } from './peers.mjs'
import { median, medianAndSpread, ratio } from './summary.mjs'

export const name = 'encoding'
export const question =
  'spans and megabytes written per second of CPU time, from finished spans to the bytes of a payload'
export const rounds = 5

const ENCODERS = [
  'dd',
  'dd-trace',
  'msgpack-lite',
  '@msgpack/msgpack',
  'msgpackr',
  'dd, version 0.5',
  'dd-trace, version 0.5',
  'dd-trace, encoding alone',
  'dd-trace, version 0.5, encoding alone',
]

export const targets = [
  {
    what: 'spans encoded per second',
    goal: '≥ 3× dd-trace',
    atLeast: 3,
    value: (samples) => median(samples.dd.spans) / median(samples['dd-trace'].spans),
    show: (value) => `${value.toFixed(1)}×`,
  },
]

/** Encoders, in the place of tracers. */
export const peers = (ddFolder) =>
  ENCODERS.map((encoder) => {
    const [{ env }] = tracers(ddFolder, [encoder.startsWith('dd-trace') ? 'dd-trace' : 'dd'])
    return { name: encoder, env }
  })

/** One sample: thousands of spans and megabytes per second, and the bytes of a span. */
export async function measure({ peer, node, env, nodeArgs }) {
  const program = startProgram('encode-spans.cjs', { node, args: [peer.name], env, nodeArgs })
  const { cpuMicros, spans, bytes } = await program.next()
  await program.stop()
  return { spans: (spans / cpuMicros) * 1000, megabytes: bytes / cpuMicros, size: bytes / spans }
}

export function report(samples, reference) {
  return {
    headings: ['encoder', 'thousand spans/s', `of ${reference}`, 'MB/s', 'bytes per span'],
    rows: Object.entries(samples).map(([encoder, { spans, megabytes, size }]) => [
      encoder,
      medianAndSpread(spans, 0),
      ratio(spans, samples[reference].spans),
      medianAndSpread(megabytes, 0),
      median(size).toFixed(0),
    ]),
  }
}
