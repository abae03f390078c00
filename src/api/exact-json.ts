// JSON whose whole numbers stay exact. Ids of events and comments have 19 digits, more than a JavaScript number holds: `JSON.parse` would
// round them, and the next request would be about another event. They are read as strings, and written from strings or bigints.

const LONG = /\d{16}/
/** Where a string begins, or a number. */
const TOKEN = /"|-?\d[\d.eE+-]*/g
const LONG_WHOLE = /^-?[1-9]\d{15,}$/

/** @throws SyntaxError */
export function parseExact(text: string): unknown {
  if (!LONG.test(text)) return JSON.parse(text)
  const parts: string[] = []
  let copied = 0
  TOKEN.lastIndex = 0
  for (let found = TOKEN.exec(text); found !== null; found = TOKEN.exec(text)) {
    const [token] = found
    if (token === '"') TOKEN.lastIndex = endOfString(text, found.index + 1)
    else if (LONG_WHOLE.test(token) && !Number.isSafeInteger(Number(token))) {
      parts.push(text.slice(copied, found.index), `"${token}"`)
      copied = TOKEN.lastIndex
    }
  }
  return JSON.parse(parts.join('') + text.slice(copied))
}

/** Behind its closing quote. By hand, since an expression for strings would need a stack as long as they are. */
function endOfString(text: string, from: number): number {
  for (let at = text.indexOf('"', from); at !== -1; at = text.indexOf('"', at + 1)) {
    let escapes = 0
    while (text[at - 1 - escapes] === '\\') escapes++
    if (escapes % 2 === 0) return at + 1
  }
  return text.length
}

/** As `JSON.stringify`, but bigints become numbers of all their digits. */
export function stringifyExact(body: unknown): string {
  let mark = ''
  let hasBigints = false
  const write = () =>
    JSON.stringify(body, function (this: Record<string, unknown>, name, value: unknown) {
      // What it was before a `toJSON` that the program may have given to bigints.
      const given = this[name]
      if (typeof given !== 'bigint') return value
      hasBigints = true
      return mark + given
    })
  const text = write()
  if (!hasBigints) return text
  // One that no text has.
  do mark += 'bigint '
  while (text.includes(mark))
  return write().replace(new RegExp(`"${mark}(-?\\d+)"`, 'g'), '$1')
}
