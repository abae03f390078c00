// One trace: its facts, its spans as a waterfall on one time axis, and the details of the span that is selected.
//
// The agent sends spans in reading order with their depth, so a subtree is a run of rows and folding it hides them.
// Every span is a plain row (the browser skips the drawing of those off screen), which keeps find-in-page working.

import { element } from './element.mjs'
import { between, clock, count, day, duration } from './format.mjs'
import { serviceColour } from './service-colour.mjs'
import { spanDetails } from './span-details.mjs'

/** Ticks on the time axis, at most. */
const MAX_TICKS = 5

/** No tick beyond this part of the axis, where its label would run over the edge. */
const LAST_TICK = 0.9

/** What a label needs beside a bar, in percent of the axis, so that it does not run over the edge. */
const LABEL_ROOM = 14

export class TracePage {
  #trace
  #rows = []
  #selected
  /** Ids of spans whose subtree is hidden. */
  #folded = new Set()

  constructor(main) {
    this.main = main
    this.details = element('aside', { class: 'details', 'aria-label': 'Span', hidden: true })
  }

  get id() {
    return this.#trace?.id
  }

  show(trace) {
    if (trace.id !== this.id) {
      this.#selected = undefined
      this.#folded.clear()
    }
    this.#trace = trace
    document.title = `${trace.title} · dd local agent`
    const lengthNs = Math.max(Number(trace.duration), 1)
    this.#rows = trace.spans.map((span, index) => this.#row(span, trace.spans[index + 1]?.depth > span.depth, lengthNs))
    const waterfall = element(
      'div',
      { class: 'waterfall', role: 'tree', 'aria-label': 'Spans' },
      element(
        'div',
        { class: 'grid', 'aria-hidden': 'true' },
        element('span'),
        axis(lengthNs, () => ''),
      ),
      element(
        'div',
        { class: 'scale', 'aria-hidden': 'true' },
        element('span', { class: 'name' }, 'Span'),
        axis(lengthNs, label),
      ),
      ...this.#rows,
    )
    waterfall.addEventListener('click', (event) => this.#clicked(event))
    this.main.replaceChildren(header(trace), element('div', { class: 'split' }, waterfall, this.details))
    this.#fold()
    this.#select(this.#indexOf(this.#selected))
  }

  showMissing() {
    this.#trace = undefined
    this.#rows = []
    this.main.replaceChildren(
      element(
        'section',
        { class: 'empty' },
        element('h2', {}, 'This trace is not here'),
        element(
          'p',
          {},
          'The agent keeps traces in memory, and the oldest make room for new ones. A restart forgets all.',
        ),
        element('p', {}, element('a', { href: '#/' }, 'All traces')),
      ),
    )
  }

  /** Whether the key meant something here. */
  press(key) {
    const at = this.#indexOf(this.#selected)
    const span = this.#trace?.spans[at]
    if (key === 'ArrowDown') this.#step(at, 1)
    else if (key === 'ArrowUp') this.#step(at, -1)
    else if (key === 'Escape' && span) this.#select(-1)
    else if (key === 'ArrowLeft' && span) this.#setFolded(span, true)
    else if (key === 'ArrowRight' && span) this.#setFolded(span, false)
    else if (key === 'Enter' && span) this.#setFolded(span, !this.#folded.has(span.spanId))
    else return false
    return true
  }

  #indexOf(spanId) {
    return this.#trace?.spans.findIndex((span) => span.spanId === spanId) ?? -1
  }

  #step(from, direction) {
    let index = from + direction
    while (this.#rows[index]?.hidden) index += direction
    if (!this.#rows[index]) return
    this.#visit(index)
  }

  #visit(index) {
    this.#select(index)
    this.#rows[index].scrollIntoView({ block: 'nearest' })
  }

  #clicked(event) {
    const index = this.#rows.indexOf(event.target.closest('.span'))
    if (index < 0) return
    const span = this.#trace.spans[index]
    if (event.target.closest('.fold')) this.#setFolded(span, !this.#folded.has(span.spanId))
    else if (span.spanId === this.#selected) this.#select(-1)
    else this.#visit(index)
  }

  #select(index) {
    this.main.querySelector('.selected')?.classList.remove('selected')
    const span = this.#trace.spans[index]
    this.#selected = span?.spanId
    this.details.hidden = span === undefined
    if (span === undefined) return
    this.#rows[index].classList.add('selected')
    const close = element('button', { class: 'close', 'aria-label': 'Close' }, '×')
    close.addEventListener('click', () => this.#select(-1))
    this.details.replaceChildren(close, ...spanDetails(span, this.#trace))
    this.details.scrollTop = 0
  }

  #setFolded(span, isFolded) {
    if (isFolded) this.#folded.add(span.spanId)
    else this.#folded.delete(span.spanId)
    this.#fold()
  }

  #fold() {
    let hiddenBelow = Number.POSITIVE_INFINITY
    for (const [index, span] of this.#trace.spans.entries()) {
      const row = this.#rows[index]
      row.hidden = span.depth > hiddenBelow
      if (row.hidden) continue
      const isFolded = this.#folded.has(span.spanId)
      hiddenBelow = isFolded ? span.depth : Number.POSITIVE_INFINITY
      if (row.hasAttribute('aria-expanded')) row.setAttribute('aria-expanded', String(!isFolded))
    }
  }

  #row(span, hasChildren, lengthNs) {
    const left = (between(this.#trace.start, span.start) / lengthNs) * 100
    const width = (Number(span.duration) / lengthNs) * 100
    const bar = element('i', { class: 'bar' })
    bar.style.setProperty('--left', `${left}%`)
    bar.style.setProperty('--width', `${width}%`)
    const label = element('span', { class: 'took' }, duration(Number(span.duration)))
    label.style.setProperty('--left', `${left}%`)
    label.style.setProperty('--width', `${width}%`)
    // Behind the bar where there is room, else in front of it, else on top of it.
    if (left + width > 100 - LABEL_ROOM) label.classList.add(left > LABEL_ROOM ? 'before' : 'inside')
    const name = element(
      'span',
      { class: 'name' },
      element('i', { class: 'fold', 'aria-hidden': 'true' }),
      span.error ? element('b', { class: 'mark', title: 'Error' }, '!') : '',
      element('b', {}, span.name),
      span.title === span.name ? '' : element('small', { title: span.title }, span.title),
    )
    const row = element(
      'div',
      {
        class: `span ${serviceColour(span.service)}${span.error ? ' failed' : ''}`,
        role: 'treeitem',
        'aria-level': span.depth + 1,
        'aria-expanded': hasChildren ? 'true' : undefined,
        'aria-label': `${span.name}, ${span.title}, ${span.service}, ${duration(Number(span.duration))}`,
      },
      name,
      element('span', { class: 'axis' }, bar, label),
    )
    row.style.setProperty('--depth', String(span.depth))
    return row
  }
}

function header(trace) {
  return element(
    'header',
    { class: 'trace-head' },
    element('a', { class: 'back', href: '#/' }, '← Traces'),
    element('h1', {}, trace.title),
    element(
      'p',
      { class: 'facts' },
      element('span', {}, element('b', {}, duration(Number(trace.duration)))),
      element('span', {}, count(trace.spanCount, 'span')),
      trace.errorCount > 0 ? element('span', { class: 'failed' }, count(trace.errorCount, 'error')) : '',
      element('time', {}, `${day(trace.start)}, ${clock(trace.start)}`),
      element('code', { title: 'Trace id' }, trace.id),
    ),
    element(
      'p',
      { class: 'legend' },
      ...trace.services.map((service) => element('span', { class: `service ${serviceColour(service)}` }, service)),
    ),
  )
}

/** Marks of the scale, in steps of 1, 2 or 5 times a power of ten. */
function axis(lengthNs, text) {
  const rough = lengthNs / MAX_TICKS
  const power = 10 ** Math.floor(Math.log10(rough))
  const step = Math.max(
    1,
    [1, 2, 5, 10].map((factor) => factor * power).find((size) => size >= rough),
  )
  const ticks = element('span', { class: 'axis' })
  for (let ns = 0; ns <= lengthNs * LAST_TICK; ns += step) {
    const tick = element('span', { class: 'tick' }, text(ns))
    tick.style.setProperty('--left', `${(ns / lengthNs) * 100}%`)
    ticks.append(tick)
  }
  return ticks
}

function label(ns) {
  return ns === 0 ? '0' : duration(ns)
}
