// Turns any value a program may set as a tag into text and finite numbers.
//
// Follows Datadog's Node tracer, with two differences: booleans become the text `true` and `false`, as from Datadog's
// other tracers, and arrays become JSON instead of nothing.

/** Stands for a value that cannot be turned into text. */
const UNREADABLE = '?'

/** Takes the tags that come out. */
export interface TagSink {
  put(key: string, value: string | number): void
}

/** Gives `sink` the tags that `value` stands for under `key`; a plain object gives one for each of its entries. */
export function eachTag(key: string, value: unknown, sink: TagSink): void {
  try {
    if (typeof value === 'object' && value !== null && isPlain(value)) {
      for (const name of Object.keys(value)) single(`${key}.${name}`, (value as Record<string, unknown>)[name], sink)
    } else {
      single(key, value, sink)
    }
  } catch {
    // A getter or a proxy of the program's that throws.
    sink.put(key, UNREADABLE)
  }
}

/** `value` as text, whatever it is. */
export function textOf(value: unknown): string {
  try {
    return String(value)
  } catch {
    return UNREADABLE
  }
}

function single(key: string, value: unknown, sink: TagSink): void {
  switch (typeof value) {
    case 'string':
      sink.put(key, value)
      break
    case 'number':
      if (Number.isFinite(value)) sink.put(key, value)
      break
    case 'boolean':
    case 'bigint':
      sink.put(key, String(value))
      break
    case 'object':
      if (value !== null) sink.put(key, asText(value))
      break
  }
}

function isPlain(value: object): boolean {
  const prototype = Object.getPrototypeOf(value)
  return prototype === Object.prototype || prototype === null
}

function asText(value: object): string {
  try {
    // Arrays and plain objects say nothing useful by themselves; everything else (URL, Date, Buffer, Error) does.
    return Array.isArray(value) || isPlain(value) ? JSON.stringify(value) : String(value)
  } catch {
    return UNREADABLE
  }
}
