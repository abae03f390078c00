// Reads the line of an event: `_e{TITLE_BYTES,TEXT_BYTES}:title|text[|field…]`. Title and text are told by their lengths in bytes, so they may
// hold pipes; the character between them, and the brace, are not looked at. A field with a bad value is passed over.
// Source: datadog-agent, comp/dogstatsd/server, parse_events.go.

import { parseInt64 } from './go-number'
import { type EventLine, type RejectedLine, rejected, tagsOf } from './line'

const COLON = 0x3a
/** `_e{1,0}`. */
const MIN_HEADER_BYTES = 7

const PRIORITIES: readonly string[] = ['normal', 'low']
const ALERT_TYPES: readonly string[] = ['info', 'success', 'warning', 'error']

export function parseEvent(line: Buffer): EventLine | RejectedLine {
  const colon = line.indexOf(COLON)
  if (colon < MIN_HEADER_BYTES) return rejected('the event does not begin with _e{title bytes,text bytes}:')
  const [titleBytes, textBytes] = lengthsOf(line.toString('latin1', 3, colon - 1))
  if (titleBytes === undefined || textBytes === undefined) return rejected('the lengths of the event are no numbers')
  if (titleBytes === 0) return rejected('the title of the event is empty')
  const title = colon + 1
  const text = title + titleBytes + 1
  const end = text + textBytes
  if (end > line.length) {
    return rejected(`the event is shorter than its lengths say: ${line.length - title} bytes of ${end - title}`)
  }
  const event = {
    kind: 'event' as const,
    title: unescaped(line.toString('utf8', title, text - 1)),
    text: unescaped(line.toString('utf8', text, end)),
    timestamp: undefined as number | undefined,
    hostname: undefined as string | undefined,
    aggregationKey: undefined as string | undefined,
    priority: 'normal',
    sourceType: undefined as string | undefined,
    alertType: 'info',
    tags: [] as readonly string[],
    ignored: [] as string[],
  }
  for (const field of end < line.length ? line.toString('utf8', end).split('|') : []) {
    if (field.startsWith('#')) {
      event.tags = tagsOf(field.slice(1))
      continue
    }
    const value = field.slice(2)
    switch (field.slice(0, 2)) {
      case 'd:': {
        const timestamp = parseInt64(value)
        if (timestamp === undefined) event.ignored.push(field)
        else event.timestamp = timestamp
        break
      }
      case 'h:':
        event.hostname = value
        break
      case 'k:':
        event.aggregationKey = value
        break
      case 'p:':
        if (PRIORITIES.includes(value)) event.priority = value
        else event.ignored.push(field)
        break
      case 's:':
        event.sourceType = value
        break
      case 't:':
        if (ALERT_TYPES.includes(value)) event.alertType = value
        else event.ignored.push(field)
    }
  }
  return event
}

function lengthsOf(text: string): (number | undefined)[] {
  const comma = text.indexOf(',')
  return comma === -1 ? [] : [lengthOf(text.slice(0, comma)), lengthOf(text.slice(comma + 1))]
}

function lengthOf(text: string): number | undefined {
  const length = parseInt64(text)
  return length === undefined || length < 0 ? undefined : length
}

/** Newlines come as a backslash and an n; there is no other escape. */
function unescaped(text: string): string {
  return text.includes('\\n') ? text.replaceAll('\\n', '\n') : text
}
