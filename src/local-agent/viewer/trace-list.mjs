// The list of traces, newest first. Summaries come one by one from the live stream; each has one row, which is replaced
// when its trace changes. Changes are drawn once per frame, so a burst of traces costs one layout.

import { element } from './element.mjs'
import { clock, count, duration } from './format.mjs'
import { serviceColour } from './service-colour.mjs'

/** Rows kept; as many as the agent keeps traces by default. */
const MAX_ROWS = 1000

export class TraceList {
  /** @type {Map<string, { summary: object, row: HTMLElement }>} */
  #shown = new Map()
  /** @type {Map<string, object>} */
  #waiting = new Map()
  #filter = ''

  constructor() {
    this.list = document.getElementById('list')
    this.filter = document.getElementById('filter')
    this.filter.addEventListener('input', () => {
      this.#filter = this.filter.value.trim().toLowerCase()
      this.#draw()
    })
    this.#draw()
  }

  put(summary) {
    if (this.#waiting.size === 0) requestAnimationFrame(() => this.#draw())
    this.#waiting.set(summary.id, summary)
  }

  clear() {
    this.#shown.clear()
    this.list.replaceChildren()
    this.#draw()
  }

  /** Moves the keyboard's place by `step` rows; to the first row if it is nowhere. */
  move(step) {
    const rows = [...this.list.children].filter((row) => !row.hidden)
    const place = rows.indexOf(document.activeElement)
    const row = rows[place < 0 ? 0 : Math.min(Math.max(place + step, 0), rows.length - 1)]
    row?.focus()
    row?.scrollIntoView({ block: 'nearest' })
  }

  focus(id) {
    this.#shown.get(id)?.row.focus()
  }

  #draw() {
    for (const summary of this.#waiting.values()) this.#place(summary)
    this.#waiting.clear()
    let matches = 0
    for (const { summary, row } of this.#shown.values()) {
      row.hidden = !this.#matches(summary)
      if (!row.hidden) matches++
    }
    const isEmpty = this.#shown.size === 0
    document.getElementById('empty').hidden = !isEmpty
    document.getElementById('list-head').hidden = isEmpty
    document.getElementById('toolbar').hidden = isEmpty
    document.getElementById('no-match').hidden = isEmpty || matches > 0
  }

  #place(summary) {
    const row = traceRow(summary)
    const earlier = this.#shown.get(summary.id)
    if (earlier?.summary.start === summary.start) {
      const hasFocus = document.activeElement === earlier.row
      earlier.row.replaceWith(row)
      if (hasFocus) row.focus()
    } else {
      earlier?.row.remove()
      row.classList.add('new')
      const start = BigInt(summary.start)
      const rows = this.list.children
      let position = 0
      while (position < rows.length && BigInt(rows[position].dataset.start) > start) position++
      this.list.insertBefore(row, rows[position] ?? null)
    }
    this.#shown.set(summary.id, { summary, row })
    if (this.#shown.size > MAX_ROWS) {
      this.#shown.delete(this.list.lastElementChild.dataset.id)
      this.list.lastElementChild.remove()
    }
  }

  #matches({ id, name, title, services }) {
    return [id, name, title, ...services].some((text) => text.toLowerCase().includes(this.#filter))
  }
}

function traceRow({ id, name, title, service, services, start, duration: ns, spanCount, errorCount }) {
  const others = services.filter((other) => other !== service)
  const row = element(
    'a',
    { class: errorCount > 0 ? 'trace failed' : 'trace', href: `#/trace/${id}`, 'data-id': id, 'data-start': start },
    element('time', {}, clock(start)),
    element(
      'span',
      { class: 'services', title: services.join(', ') },
      element('span', { class: `service ${serviceColour(service)}` }, service),
      ...others.slice(0, 6).map((other) => element('i', { class: `dot ${serviceColour(other)}` })),
    ),
    element('span', { class: 'request' }, element('b', {}, title), title === name ? '' : element('small', {}, name)),
    element('span', { class: 'duration' }, duration(Number(ns))),
    element('span', { class: 'spans', title: count(spanCount, 'span') }, String(spanCount)),
    element('span', { class: 'errors' }, errorCount > 0 ? String(errorCount) : ''),
  )
  row.setAttribute('aria-label', `${title}, ${service}, ${duration(Number(ns))}, ${count(errorCount, 'error')}`)
  return row
}
