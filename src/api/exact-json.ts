// JSON whose whole numbers stay exact. Ids of events and comments have 19 digits, more than a JavaScript number holds: `JSON.parse` would
// round them, and the next request would be about another event. They are read as strings, and written from strings or bigints.

/** A string, left alone, or a number. */
const TOKEN = /"[^"\\]*(?:\\.[^"\\]*)*"|-?\d[\d.eE+-]*/gs
const LONG = /\d{16}/

/** @throws SyntaxError */
export function parseExact(text: string): unknown {
  if (!LONG.test(text)) return JSON.parse(text)
  return JSON.parse(
    text.replace(TOKEN, (token) =>
      /^-?\d{16,}$/.test(token) && !Number.isSafeInteger(Number(token)) ? `"${token}"` : token,
    ),
  )
}

/** As `JSON.stringify`, for an object with bigints among its members, which become numbers of all their digits. */
export function stringifyExact(body: unknown): string {
  if (typeof body !== 'object' || body === null || Array.isArray(body)) return JSON.stringify(body)
  const members = Object.entries(body).flatMap(([name, value]) => {
    const text = typeof value === 'bigint' ? String(value) : JSON.stringify(value)
    return text === undefined ? [] : [`${JSON.stringify(name)}:${text}`]
  })
  return `{${members.join(',')}}`
}
