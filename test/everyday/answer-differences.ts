// What differs between two runs of a program, in words: the answers to its requests, byte for byte, what it printed, how it ended, the files it
// wrote. Nothing is left out but what a program's file names as varying.

import { gunzipSync } from 'node:zlib'
import type { Finished } from '../support/spawn'
import type { Exchange } from './asker'
import type { Varying } from './program'

export type Ending = Pick<Finished, 'code' | 'signal' | 'stdout' | 'stderr'>

/** At most so much of a value is shown. */
const SHOWN_LENGTH = 300

/** For each exchange that is not the same, a line that says where. */
export function exchangeDifferences(
  without: readonly Exchange[],
  with_: readonly Exchange[],
  varies: Varying,
): string[] {
  const differences: string[] = []
  for (const [index, one] of without.entries()) {
    const other = with_[index]
    if (other === undefined || other.title !== one.title) {
      differences.push(`${one.title}: was followed by something else, ${other?.title ?? 'nothing'}`)
      break
    }
    const difference =
      one.failure === undefined ? exchangeDifference(one, other, varies) : `got no whole answer: ${one.failure}`
    if (difference !== undefined) differences.push(`${one.title}: ${difference}`)
  }
  if (with_.length > without.length) differences.push(`${with_.length - without.length} more requests with dd`)
  return differences
}

function exchangeDifference(one: Exchange, other: Exchange, varies: Varying): string | undefined {
  const others = partsOf(other, varies)
  for (const [index, [what, value]] of partsOf(one, varies).entries()) {
    const seen = others[index]![1]
    if (seen !== value) return `${what}: ${shown(value, seen)}`
  }
  return undefined
}

function partsOf(exchange: Exchange, { headers = [], bodies = [] }: Varying): [what: string, value: string][] {
  const { status, statusText, trailers, isReused, failure } = exchange
  // One character for each byte. What has to be replaced in it must be legible.
  const isZipped = bodies.length > 0 && headerOf(exchange, 'content-encoding') === 'gzip' && exchange.body.length > 0
  const text = (isZipped ? gunzipSync(exchange.body) : exchange.body).toString('latin1')
  const body = replaced(text, STACKS)
  const isVarying = (name: string) =>
    name === 'date' || headers.includes(name) || (body !== text && OF_LENGTH.has(name))
  const lines = exchange.headers.map(([name, value]) => `${name}: ${isVarying(name.toLowerCase()) ? '*' : value}`)
  return [
    ['status', `${status} ${statusText}`],
    ['failure', failure ?? 'none'],
    ['headers', lines.join('\n')],
    ['trailers', trailers.join('\n')],
    ['connection', isReused ? 'kept alive' : 'new'],
    ['body', replaced(body, bodies)],
  ]
}

export function headerOf(exchange: Exchange, name: string): string | undefined {
  return exchange.headers.find(([one]) => one.toLowerCase() === name)?.[1]
}

/** How the two runs ended, and what they printed. */
export function endingDifferences(without: Ending, with_: Ending, varies: Varying): string[] {
  const ending = ({ code, signal }: Ending) => `code ${code}, signal ${signal}`
  const differences = ending(without) === ending(with_) ? [] : [`end: ${shown(ending(without), ending(with_))}`]
  for (const stream of ['stdout', 'stderr'] as const) {
    const texts = [without, with_].map((run) => printed(run[stream], varies)) as [string, string]
    if (texts[0] !== texts[1]) differences.push(`${stream}: ${shown(...texts)}`)
  }
  return differences
}

/**
 * The frames of a stack. Whoever runs a function inside a span stands between it and its caller, and pushes others out of the ten that are kept.
 */
const STACKS: readonly (readonly [RegExp, string])[] = [
  [/(\n +at [^\n]+)+/g, '\n<frames>'],
  [/(<br> &nbsp; &nbsp;at [^<\n]+(&lt;anonymous&gt;)?[^<\n]*)+/g, '<frames>'],
  [/(\\n +at (?:[^\\"]|\\[^n])+)+/g, '\\n<frames>'],
  [/(" {4}at (?:[^"\\]|\\.)+",?)+/g, '<frames>'],
]
/** They depend on the length of a stack that is shown to the client. */
const OF_LENGTH = new Set(['content-length', 'etag'])

/** What differs from run to run in the output of any program. */
const PRINTED: readonly (readonly [RegExp, string])[] = [
  [/\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z?/g, '<time>'],
  [/\b\d{1,2}:\d\d:\d\d\b(\.\d+)?( [AP]M)?/g, '<time>'],
  [/(?<![\d.])\d+(\.\d+)? ?(ms|s|μs|seconds?|milliseconds?)\b/g, '<duration>'],
  [/\(node:\d+\)/g, '(node:<process>)'],
  ...STACKS,
]

function printed(text: string, { output = [], lines }: Varying): string {
  const all = replaced(text, [...output, ...PRINTED])
  return lines === 'in any order' ? all.split('\n').sort().join('\n') : all
}

function replaced(text: string, replacements: readonly (readonly [RegExp, string])[]): string {
  return replacements.reduce((done, [pattern, replacement]) => done.replace(pattern, replacement), text)
}

/** Both values from shortly before where they part. */
function shown(one: string, other: string): string {
  let at = 0
  while (at < one.length && one[at] === other[at]) at++
  const from = Math.max(0, at - 60)
  const part = (text: string) => JSON.stringify(text.slice(from, from + SHOWN_LENGTH))
  return `${from > 0 ? `from character ${from}, ` : ''}without ${part(one)}, with ${part(other)}`
}
