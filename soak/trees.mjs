// Looks at every trace that arrives: whether it is the tree that its request must leave, each span below the right one, and nothing of another
// request in it. Whole trees are counted and forgotten; only what waits for more is kept, so that memory stays small for any number of them.

import { createRequire } from 'node:module'

const { KINDS } = createRequire(import.meta.url)('./kinds.cjs')

const MAX_TOLD = 10
/** Traces that wait for their other chunks. */
const MAX_PARTIAL = 50_000
/** Sorts of traces without a request: few, or something is wrong. */
const MAX_OTHER = 100

/** What a request that was cut off may have more: the program's answer to a body that has no end. */
const EXPLAIN = { what: 'express.middleware explain', below: [] }

const expected = Object.fromEntries(Object.entries(KINDS).map(([kind, { tree }]) => [kind, render(tree)]))

export class TreeCheck {
  #mayBeCut
  #seen = new Uint8Array(1 << 18)
  #partial = new Map()
  #other = new Map()
  #counts = { spans: 0, whole: 0, cut: 0, again: 0, faulty: 0 }
  #faults = []

  /** @param mayBeCut whether requests may end at any time, so that a part of their tree is right, too. */
  constructor({ mayBeCut = false } = {}) {
    this.#mayBeCut = mayBeCut
  }

  /** A chunk of a trace. */
  take(spans) {
    this.#counts.spans += spans.length
    const [{ traceHigh, traceLow }] = spans
    for (const span of spans) {
      if (span.traceHigh !== traceHigh || span.traceLow !== traceLow) this.#fault(spans, 'a chunk has two traces')
      if (!(span.durationMs >= 0 && span.durationMs < 3_600_000 && Math.abs(Date.now() - span.startMs) < 3_600_000))
        this.#fault(spans, `times that cannot be: ${span.startMs} and ${span.durationMs} ms`)
    }
    const key = `${traceHigh} ${traceLow}`
    const before = this.#partial.get(key)
    const all = before === undefined ? spans : [...before, ...spans]
    if (this.#isWhole(all)) this.#partial.delete(key)
    else if (before !== undefined || this.#partial.size < MAX_PARTIAL) this.#partial.set(key, all)
    else this.#fault(spans, 'too many traces wait for more')
  }

  /** What came of all, with those that have waited for more. */
  end() {
    for (const spans of this.#partial.values()) this.#judgePartial(spans)
    this.#partial.clear()
    return {
      ...this.#counts,
      faults: this.#faults,
      other: Object.fromEntries(this.#other),
      seen: Buffer.from(this.#seen).toString('base64'),
    }
  }

  /** True if nothing more is to come. */
  #isWhole(spans) {
    const tree = treeOf(spans)
    if (tree === undefined) return false
    const { root, loose } = tree
    if (loose > 0) return false
    if (root.kind === undefined) {
      const text = render(root)
      if (this.#other.has(text) || this.#other.size < MAX_OTHER) this.#other.set(text, (this.#other.get(text) ?? 0) + 1)
      return true
    }
    if (render(root) !== expected[root.kind]) return false
    this.#counts.whole++
    this.#note(root, spans)
    return true
  }

  #judgePartial(spans) {
    const tree = treeOf(spans)
    if (tree === undefined) return this.#fault(spans, 'no root')
    const { root, loose } = tree
    if (loose > 0) return this.#fault(spans, `${loose} spans whose parents are not there`)
    const whole = KINDS[root.kind]?.tree
    if (whole === undefined) return this.#fault(spans, 'a kind of request that there is not')
    if (!this.#mayBeCut || !isPart(root, whole)) return this.#fault(spans, render(root))
    this.#counts.cut++
    this.#note(root, spans)
  }

  /** That the request with the number has been seen. */
  #note({ number, foreign }, spans) {
    if (foreign !== undefined) this.#fault(spans, `request ${number} has a span of request ${foreign}`)
    const at = number >> 3
    if (at >= this.#seen.length) {
      const longer = new Uint8Array(2 * at)
      longer.set(this.#seen)
      this.#seen = longer
    }
    const bit = 1 << (number & 7)
    if ((this.#seen[at] & bit) !== 0) this.#counts.again++
    this.#seen[at] |= bit
  }

  #fault(spans, why) {
    this.#counts.faulty++
    if (this.#faults.length >= MAX_TOLD) return
    const texts = spans.map((span) => `${whatOf(span).what} (${span.low} below ${span.parentLow})`)
    this.#faults.push(`${why}: ${texts.join(', ')}`)
  }
}

/** The tree of some spans and how many of them hang in the air; undefined without a root. */
function treeOf(spans) {
  const nodes = spans.map((span) => ({ ...whatOf(span), below: [] }))
  let root
  let loose = 0
  for (let i = 0; i < spans.length; i++) {
    const { parentHigh, parentLow } = spans[i]
    if (parentHigh === 0 && parentLow === 0) {
      if (root !== undefined) loose++
      root ??= nodes[i]
      continue
    }
    const parent = spans.findIndex(({ high, low }) => high === parentHigh && low === parentLow)
    if (parent === -1) loose++
    else nodes[parent].below.push(nodes[i])
  }
  if (root === undefined) return undefined
  root.foreign = nodes.find(({ number }) => number !== undefined && number !== root.number)?.number
  return { root, loose }
}

/** What a span is, without the number of its request; the number; and, of the request itself, its kind. */
function whatOf({ name, resource, url, status, command, error }) {
  const failed = error === 0 ? '' : ' !'
  if (url !== undefined) {
    const [, kind, number] = /\/(\w+)\/(\d+)$/.exec(url) ?? []
    const answered = status === undefined ? '' : ` ${status}`
    return { what: `${name} ${resource}${answered}${failed}`, kind, number: Number(number) }
  }
  const text = command ?? resource
  const found = /(?::|-- request )(\d+)/.exec(text)
  if (found === null) return { what: `${name} ${text}${failed}`, number: undefined }
  const [all, number] = found
  const at = found.index + all.length
  const what = `${name} ${text.slice(0, at - number.length)}#${text.slice(at)}${failed}`
  return { what, number: Number(number) }
}

/** As text, in which the order of what was done at the same time says nothing. */
function render({ what, below }) {
  return below.length === 0 ? what : `${what} (${below.map(render).sort().join(', ')})`
}

/**
 * Whether a request that was cut off has left nothing but what belongs to a whole one: it may not have come to its route or to its status, and
 * of what runs when it is over the middleware has no span, so that what that does is below one that is further up.
 */
function isPart(root, whole) {
  const left = pathsOf({ ...whole, below: [...whole.below, EXPLAIN] })
  const [name, method] = withoutEnd(whole.what).split(' ')
  const top = withoutEnd(root.what) === `${name} ${method}` ? withoutEnd(whole.what) : withoutEnd(root.what)
  return pathsOf({ ...root, what: top }).every((path) => {
    const at = left.findIndex((each) => each.at(-1) === path.at(-1) && isWithin(path, each))
    if (at !== -1) left.splice(at, 1)
    return at !== -1
  })
}

/** Of each span, what it is below of, and what it is. */
function pathsOf({ what, below }, above = []) {
  const path = [...above, withoutEnd(what)]
  return [path, ...below.flatMap((node) => pathsOf(node, path))]
}

function isWithin(path, longer) {
  let at = 0
  for (const step of longer) if (step === path[at]) at++
  return at === path.length
}

/** Without the status, and without the mark of an error. */
function withoutEnd(what) {
  return what.replace(/( \d{3})?( !)?$/, '')
}
