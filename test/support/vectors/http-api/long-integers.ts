// JSON with integers that a JavaScript number cannot hold: they are bigints here, so that none is rounded between a file, the wire and a
// comparison.

/** A string, left alone, or a number. */
const TOKEN = /"(?:[^"\\]|\\.)*"|-?\d[\d.eE+-]*/g
const MARK = '\u0001integer '
/** As JSON writes it. */
const WRITTEN = /"\\u0001integer (-?\d+)"/g

/** @throws SyntaxError */
export function parseLong(text: string): unknown {
  const marked = text.replace(TOKEN, (token) =>
    /^-?\d+$/.test(token) && !Number.isSafeInteger(Number(token)) ? JSON.stringify(MARK + token) : token,
  )
  return JSON.parse(marked, (_key, value: unknown) =>
    typeof value === 'string' && value.startsWith(MARK) ? BigInt(value.slice(MARK.length)) : value,
  )
}

export function writeLong(value: unknown): string {
  const text = JSON.stringify(value, (_key, each: unknown) => (typeof each === 'bigint' ? MARK + each : each))
  return text.replace(WRITTEN, '$1')
}

/** As clients give them: 64-bit ids are strings. */
export function longAsText(value: unknown): unknown {
  if (typeof value === 'bigint') return String(value)
  if (Array.isArray(value)) return value.map(longAsText)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).map(([name, each]) => [name, longAsText(each)]))
}
