// Reads payloads of spans, version 0.4 and 0.5, as far as the soak looks at them: who is whose child, what it is called, and the texts that
// hold the number of a request. A reader of its own, since ten million spans must be read beside the program on one more core, and
// nothing of `dd` may be used to prove `dd`. It throws at what is no such payload.

/** What is kept of `meta`; each becomes a field of the span. */
const META = new Map([
  ['http.url', 'url'],
  ['http.status_code', 'status'],
  ['redis.raw_command', 'command'],
])

/** Calls `onChunk(spans)` for each chunk; returns the number of spans. */
export function readPayload(bytes, path, onChunk) {
  const reader = new Reader(bytes)
  const count = path === '/v0.5/traces' ? reader.tablePayload(onChunk) : reader.mapPayload(onChunk)
  if (reader.at !== bytes.length) throw new Error(`${bytes.length - reader.at} bytes follow the payload`)
  return count
}

class Reader {
  at = 0
  /** The upper half of the last integer. */
  high = 0
  #bytes
  #texts

  constructor(bytes) {
    this.#bytes = bytes
  }

  mapPayload(onChunk) {
    return this.#chunks(onChunk, () => this.#mapSpan())
  }

  tablePayload(onChunk) {
    if (this.#array() !== 2) throw new Error('a payload of version 0.5 has two parts')
    this.#texts = Array.from({ length: this.#array() }, () => this.#text())
    return this.#chunks(onChunk, () => this.#rowSpan())
  }

  #chunks(onChunk, readSpan) {
    let count = 0
    for (let chunks = this.#array(); chunks > 0; chunks--) {
      const spans = []
      for (let left = this.#array(); left > 0; left--) spans.push(readSpan())
      count += spans.length
      onChunk(spans)
    }
    return count
  }

  #mapSpan() {
    const span = newSpan()
    for (let left = this.#map(); left > 0; left--) {
      const key = this.#text()
      if (key === 'meta') {
        for (let entries = this.#map(); entries > 0; entries--) {
          const field = META.get(this.#text())
          if (field === undefined) this.#skip()
          else span[field] = this.#text()
        }
      } else if (key === 'name' || key === 'resource' || key === 'service') span[key] = this.#text()
      else if (key === 'trace_id') this.#id(span, 'traceHigh', 'traceLow')
      else if (key === 'span_id') this.#id(span, 'high', 'low')
      else if (key === 'parent_id') this.#id(span, 'parentHigh', 'parentLow')
      else if (key === 'error') span.error = this.#integer()
      else if (key === 'start') span.startMs = this.#milliseconds()
      else if (key === 'duration') span.durationMs = this.#milliseconds()
      else this.#skip()
    }
    return span
  }

  #rowSpan() {
    if (this.#array() !== 12) throw new Error('a span of version 0.5 has twelve fields')
    const span = newSpan()
    span.service = this.#entry()
    span.name = this.#entry()
    span.resource = this.#entry()
    this.#id(span, 'traceHigh', 'traceLow')
    this.#id(span, 'high', 'low')
    this.#id(span, 'parentHigh', 'parentLow')
    span.startMs = this.#milliseconds()
    span.durationMs = this.#milliseconds()
    span.error = this.#integer()
    for (let entries = this.#map(); entries > 0; entries--) {
      const field = META.get(this.#entry())
      const value = this.#entry()
      if (field !== undefined) span[field] = value
    }
    for (let entries = this.#map(); entries > 0; entries--) {
      this.#entry()
      this.#skip()
    }
    this.#entry()
    return span
  }

  #entry() {
    const text = this.#texts[this.#integer()]
    if (text === undefined) throw new Error('a text is not in the table')
    return text
  }

  #id(span, high, low) {
    span[low] = this.#integer32()
    span[high] = this.high
  }

  /** Of nanoseconds. */
  #milliseconds() {
    const low = this.#integer32()
    return (this.high * 2 ** 32 + low) / 1e6
  }

  #integer() {
    const low = this.#integer32()
    return this.high * 2 ** 32 + low
  }

  /** The lower half. */
  #integer32() {
    const bytes = this.#bytes
    const format = bytes[this.at++]
    this.high = 0
    if (format < 0x80) return format
    const { at } = this
    if (format === 0xcc) return this.#past(1, bytes[at])
    if (format === 0xcd) return this.#past(2, bytes.readUInt16BE(at))
    if (format === 0xce) return this.#past(4, bytes.readUInt32BE(at))
    if (format === 0xcf || format === 0xd3) {
      this.high = bytes.readUInt32BE(at)
      return this.#past(8, bytes.readUInt32BE(at + 4))
    }
    throw new Error(`0x${format?.toString(16)} is no integer that is not negative`)
  }

  #past(length, value) {
    this.at += length
    return value
  }

  #text() {
    const length = this.#textLength(this.#bytes[this.at++])
    const text = this.#bytes.utf8Slice(this.at, this.at + length)
    this.at += length
    return text
  }

  #textLength(format) {
    if (format >= 0xa0 && format < 0xc0) return format & 0x1f
    const { at } = this
    if (format === 0xd9) return this.#past(1, this.#bytes[at])
    if (format === 0xda) return this.#past(2, this.#bytes.readUInt16BE(at))
    if (format === 0xdb) return this.#past(4, this.#bytes.readUInt32BE(at))
    throw new Error(`0x${format?.toString(16)} is no text`)
  }

  #array() {
    return this.#count(0x90, 0xdc, 'an array')
  }

  #map() {
    return this.#count(0x80, 0xde, 'a map')
  }

  #count(short, format16, what) {
    const format = this.#bytes[this.at++]
    if (format >= short && format < short + 16) return format - short
    const { at } = this
    if (format === format16) return this.#past(2, this.#bytes.readUInt16BE(at))
    if (format === format16 + 1) return this.#past(4, this.#bytes.readUInt32BE(at))
    throw new Error(`0x${format?.toString(16)} is not ${what}`)
  }

  #skip() {
    const format = this.#bytes[this.at]
    if (format < 0x80 || (format >= 0xcc && format <= 0xcf) || format === 0xd3) this.#integer32()
    else if (format === 0xcb) this.at += 9
    else if (format === 0xc2 || format === 0xc3) this.at++
    else if ((format & 0xf0) === 0x80 || format === 0xde || format === 0xdf) {
      for (let left = 2 * this.#map(); left > 0; left--) this.#skip()
    } else if ((format & 0xf0) === 0x90 || format === 0xdc || format === 0xdd) {
      for (let left = this.#array(); left > 0; left--) this.#skip()
    } else {
      this.at++
      const length = this.#textLength(format)
      this.at += length
    }
  }
}

/** All have the same fields from the beginning. */
const newSpan = () => ({
  traceHigh: 0,
  traceLow: 0,
  high: 0,
  low: 0,
  parentHigh: 0,
  parentLow: 0,
  name: '',
  resource: '',
  service: '',
  url: undefined,
  status: undefined,
  command: undefined,
  error: 0,
  startMs: 0,
  durationMs: 0,
})
