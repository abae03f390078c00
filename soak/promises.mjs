// What the soak holds `dd` to: each promise is kept or broken, with the figures that show it.

export class Promises {
  all = []

  /** @param figures what was measured, as text */
  check(part, promise, isKept, figures) {
    this.all.push({ part, promise, isKept, figures })
  }

  equal(part, promise, actual, wanted) {
    this.check(part, promise, actual === wanted, actual === wanted ? `${actual}` : `${actual}, not ${wanted}`)
  }

  get areKept() {
    return this.all.every(({ isKept }) => isKept)
  }
}

const MIB = 2 ** 20
/** What compiled code and caches may still grow by, once: a leak goes on. */
const SETTLED_MIB = 1
const MAX_KB_PER_100_000 = 64
const MAX_RSS_MIB = 48
/** The exporter uses a buffer again if it can; those are 1 MiB and 2. */
const MAX_EXTERNAL_MIB = 4
const MAX_HANDLES = 2
/**
 * A connection that a request has opened keeps two contexts with a trace of two spans each, as long as it lives: Node keeps that of the socket, and
 * pg-pool the callback of whoever asked first. There are 20 connections.
 */
const MAX_LIVE = 90

/**
 * Whether memory is flat after the first quarter, in which the compiler and all caches settle: the line through what is left after a
 * collection must not rise by more than 64 kB for 100,000 requests, or by 1 MiB in all; buffers outside of it not by more than 4 MiB, RSS not by
 * more than 48 MiB.
 * @param samples with `requests`, all of them up to then
 */
export function memoryOf(samples) {
  const settled = samples.slice(Math.ceil(samples.length / 4))
  const [first] = settled
  const last = settled.at(-1)
  const bytesPerRequest = slopeOf(settled.map((sample) => [sample.requests, sample.heapBytes]))
  const grownMib = (bytesPerRequest * (last.requests - first.requests)) / MIB
  const largestRss = (some) => Math.max(...some.map(({ largestRssBytes }) => largestRssBytes))
  const half = Math.ceil(settled.length / 2)
  const rssMib = (largestRss(settled.slice(half)) - largestRss(settled.slice(0, half))) / MIB
  const largestExternal = (some) => Math.max(...some.map(({ externalBytes }) => externalBytes))
  const externalMib = (largestExternal(settled.slice(half)) - largestExternal(settled.slice(0, half))) / MIB
  const handles = (sample) => Object.values(sample.handles).reduce((sum, each) => sum + each, 0)
  return {
    kbPer100000: (bytesPerRequest * 100_000) / 1000,
    grownMib,
    rssMib,
    externalMib,
    isFlat: bytesPerRequest * 100 <= MAX_KB_PER_100_000 || grownMib <= SETTLED_MIB,
    isExternalFlat: externalMib <= MAX_EXTERNAL_MIB,
    isRssFlat: rssMib <= MAX_RSS_MIB,
    areHandlesFlat: handles(last) <= handles(first) + MAX_HANDLES,
    handles: `${handles(first)} then, ${handles(last)} at the end`,
  }
}

/** Of the line with the least squares. */
function slopeOf(points) {
  const mean = (axis) => points.reduce((sum, point) => sum + point[axis], 0) / points.length
  const [x, y] = [mean(0), mean(1)]
  let above = 0
  let below = 0
  for (const [px, py] of points) {
    above += (px - x) * (py - y)
    below += (px - x) ** 2
  }
  return below === 0 ? 0 : above / below
}

/** CPU time, all threads, in microseconds. */
export const perRequest = (sample, before) =>
  (sample.cpuMicros - before.cpuMicros) / (sample.requests - before.requests)

export function checkAnswers(promises, part, { answered, faulty, faults }) {
  promises.check(
    part,
    'every answer is right',
    faulty === 0 && answered > 0,
    faulty === 0 ? `${answered} answers` : `${faulty} wrong: ${faults.join('; ')}`,
  )
}

/** That nothing of a request is left when none is under way. */
export function checkLeft(promises, part, { live, counts }) {
  promises.equal(part, 'no request is left open', counts.open, 0)
  if (Object.keys(live).length === 0) return
  const text = Object.entries(live).map(([name, count]) => `${count} ${name}`)
  promises.check(
    part,
    'nothing of a request is left in memory',
    Object.values(live).every((n) => n <= MAX_LIVE),
    text.join(', '),
  )
}

/** That each span has arrived once, in the right tree; `told` is what the program says, `received` what the Agent does. */
export function checkTrees(promises, part, told, received) {
  const { counts, diagnostics } = told
  const { trees, violations, spans } = received
  promises.equal(part, 'spans made = sent', diagnostics.sentSpans, counts.spans)
  promises.equal(part, 'spans sent = received', spans, diagnostics.sentSpans)
  promises.equal(part, 'spans dropped', diagnostics.droppedSpans, 0)
  checkShapes(promises, part, received)
  promises.equal(part, 'traces received twice', trees.again, 0)
  promises.equal(part, 'requests without a trace, or traces without a request', different(told.come, trees.seen), 0)
  promises.equal(part, 'payloads that break the format', violations.join('; ') || 0, 0)
}

export function checkShapes(promises, part, { trees }) {
  const text = trees.faulty === 0 ? '' : `: ${trees.faults.join('; ')}`
  promises.check(
    part,
    'every trace is the tree of its request',
    trees.faulty === 0,
    `${trees.whole} whole, ${trees.cut} cut off, ${trees.faulty} wrong${text}`,
  )
}

/** How many bits are in one and not in the other. */
function different(wanted, given) {
  const [a, b] = [wanted, given].map((text) => Buffer.from(text, 'base64'))
  let count = 0
  for (let at = 0; at < Math.max(a.length, b.length); at++) {
    for (let different = (a[at] ?? 0) ^ (b[at] ?? 0); different !== 0; different &= different - 1) count++
  }
  return count
}
