// Reads server-sent events out of the text of a stream, as browsers do.
// Source: html.spec.whatwg.org, "Server-sent events", 9.2.6.

export interface ServerEvent {
  readonly type: string
  readonly data: string
  /** The last one that was given, as `Last-Event-ID` wants it. */
  readonly lastId: string
}

/** Of one event. A summary takes a few kilobytes. */
const MAX_CHARACTERS = 8 * 1024 * 1024

export class EventReader {
  #rest = ''
  #type = ''
  #data: string[] = []
  #characters = 0
  #lastId = ''

  /** Whether an event has no end, or none in reason: no reader should go on. */
  get isOverfull(): boolean {
    return this.#characters > MAX_CHARACTERS || this.#rest.length > MAX_CHARACTERS
  }

  /** @returns the events that are complete now */
  push(text: string): ServerEvent[] {
    const events: ServerEvent[] = []
    const lines = (this.#rest + text).split(/\r\n|\n|\r(?!$)/)
    this.#rest = lines.pop() ?? ''
    for (const line of lines) {
      const event = line === '' ? this.#dispatch() : this.#field(line)
      if (event) events.push(event)
    }
    return events
  }

  #field(line: string): undefined {
    const colon = line.indexOf(':')
    const name = colon < 0 ? line : line.slice(0, colon)
    const value = colon < 0 ? '' : line.slice(colon + 1).replace(/^ /, '')
    if (name === 'event') this.#type = value
    else if (name === 'id') this.#lastId = value
    else if (name === 'data') {
      this.#characters += value.length
      if (!this.isOverfull) this.#data.push(value)
    }
  }

  #dispatch(): ServerEvent | undefined {
    const event = { type: this.#type || 'message', data: this.#data.join('\n'), lastId: this.#lastId }
    const isEmpty = this.#data.length === 0
    this.#type = ''
    this.#data = []
    this.#characters = 0
    return isEmpty ? undefined : event
  }
}
