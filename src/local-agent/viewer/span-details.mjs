// Everything known about one span: what failed, what it did, its tags, its events and links. Tags that only tracers and
// Agents read (`_dd.…`) are folded away.

import { element } from './element.mjs'
import { between, duration } from './format.mjs'
import { serviceColour } from './service-colour.mjs'

const ERROR_TAGS = ['error.type', 'error.message', 'error.stack', 'error.msg']
const JSON_TAGS = { events: 'Events', '_dd.span_links': 'Links' }
const INTERNAL = /^_dd\.|^_sampling_priority|^_top_level|^runtime-id$|^process_id$|^language$/

export function spanDetails(span, trace) {
  const tags = Object.entries({ ...span.meta, ...span.metrics }).sort(([a], [b]) => (a < b ? -1 : 1))
  const shown = tags.filter(([key]) => !ERROR_TAGS.includes(key) && !Object.hasOwn(JSON_TAGS, key))
  const internal = shown.filter(([key]) => INTERNAL.test(key))
  const facts = [
    ['service', element('span', { class: `service ${serviceColour(span.service)}` }, span.service)],
    ['duration', duration(Number(span.duration))],
    ['starts', `+${duration(between(trace.start, span.start))}`],
    ...(span.type === '' ? [] : [['type', span.type]]),
    ['span id', span.spanId],
    ...(span.parentId === '0' ? [] : [['parent id', span.parentId]]),
  ]
  return [
    element('h2', {}, span.name),
    span.resource === span.name ? '' : element('pre', { class: 'resource' }, span.resource),
    errorBox(span),
    table(facts),
    ...Object.entries(JSON_TAGS).map(([key, title]) => jsonTag(title, span.meta[key])),
    element('h3', {}, 'Tags'),
    shown.length > internal.length
      ? table(shown.filter(([key]) => !INTERNAL.test(key)))
      : element('p', { class: 'quiet' }, 'None.'),
    internal.length > 0
      ? element('details', {}, element('summary', {}, `Internal tags (${internal.length})`), table(internal))
      : '',
  ]
}

function errorBox({ error, meta }) {
  if (!error) return ''
  const message = meta['error.message'] ?? meta['error.msg'] ?? ''
  const title = [meta['error.type'] ?? 'Error', message].filter(Boolean).join(': ')
  const stack = meta['error.stack']
  return element(
    'div',
    { class: 'error-box' },
    element('strong', {}, title),
    stack ? element('pre', { tabindex: 0 }, withoutTitle(stack, title)) : '',
  )
}

/** Node puts type and message in front of a stack; they are shown above it. */
function withoutTitle(stack, title) {
  return stack.startsWith(`${title}\n`) ? stack.slice(title.length + 1).replace(/^ +/gm, '') : stack
}

function table(rows) {
  return element(
    'dl',
    {},
    ...rows.flatMap(([key, value]) => [
      element('dt', {}, key),
      element('dd', {}, typeof value === 'number' ? String(value) : value),
    ]),
  )
}

function jsonTag(title, text) {
  if (!text) return ''
  let pretty = text
  try {
    pretty = JSON.stringify(JSON.parse(text), undefined, 2)
  } catch {
    // Cut short or not JSON: shown as it is.
  }
  return element('details', { open: true }, element('summary', {}, title), element('pre', {}, pretty))
}
