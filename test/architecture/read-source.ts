// Reads TypeScript well enough to enforce the house rules: tells code from comments, text and patterns, and finds what a file
// imports and when. A compiler would do it better, but this one has no interface for JavaScript any more.

export interface Import {
  readonly specifier: string
  /** Only types: nothing is loaded. */
  readonly isType: boolean
  /** Inside a function: loaded when it is needed. */
  readonly isLazy: boolean
}

const COMMENT = /^(?:\/\/[^\n]*|\/\*[\s\S]*?(?:\*\/|$))/
const TEXT = /^(['"])(?:\\[\s\S]|(?!\1)[^\\\n])*\1/
const PATTERN = /^\/(?:\\.|\[(?:\\.|[^\]\\\n])*\]|[^\\/[\n])+\/[a-z]*/
/** What a slash follows when it divides; anywhere else it begins a pattern. */
const VALUE_END = /[\w$)\]'"`]\s*$/
const NO_VALUE_END = /\b(?:return|typeof|case|of|in|await|yield)\s*$/

/** The source with comments blanked out, and with the inside of text and patterns too unless `keepText`. Lines stay lines. */
export function codeOf(source: string, keepText = false): string {
  const blank = (text: string) => text.replace(/[^\n]/g, ' ')
  const inside = (text: string) => (keepText ? text : `${text[0]}${blank(text.slice(1, -1))}${text.at(-1)}`)
  let code = ''
  let at = 0
  while (at < source.length) {
    const rest = source.slice(at)
    // Enough to see the last word.
    const before = code.slice(-20)
    const divides = VALUE_END.test(before) && !NO_VALUE_END.test(before)
    const comment = COMMENT.exec(rest)?.[0]
    const text = TEXT.exec(rest)?.[0] ?? (divides ? undefined : PATTERN.exec(rest)?.[0])
    if (comment !== undefined) {
      code += blank(comment)
      at += comment.length
    } else if (text !== undefined) {
      code += inside(text)
      at += text.length
    } else if (rest.startsWith('`')) {
      const template = readTemplate(source, at, keepText)
      code += template.code
      at = template.end
    } else {
      code += source[at++]
    }
  }
  return code
}

/** A template literal: what is computed inside it is code, the rest is text. */
function readTemplate(source: string, start: number, keepText: boolean): { code: string; end: number } {
  let code = '`'
  let at = start + 1
  while (at < source.length && source[at] !== '`') {
    if (source.startsWith('${', at)) {
      const end = endOfPlaceholder(source, at + 2)
      code += `\${${codeOf(source.slice(at + 2, end), keepText)}}`
      at = end + 1
    } else {
      const length = source[at] === '\\' ? 2 : 1
      const text = source.slice(at, at + length)
      code += keepText ? text : text.replace(/[^\n]/g, ' ')
      at += length
    }
  }
  return { code: `${code}\``, end: at + 1 }
}

function endOfPlaceholder(source: string, start: number): number {
  let depth = 0
  for (let at = start; at < source.length; at++) {
    const text = TEXT.exec(source.slice(at))?.[0]
    if (text !== undefined) at += text.length - 1
    else if (source[at] === '`') at = readTemplate(source, at, true).end - 1
    else if (source[at] === '{') depth++
    else if (source[at] === '}' && depth-- === 0) return at
  }
  return source.length
}

const STATEMENT =
  /^[ \t]*(?:import|export)\b((?:(?!\n\s*(?:import|export)\b)[^'"`;])*?\bfrom\s*|\s*)(['"])([^'"\n]+)\2/gm
const CALL = /(typeof\s+)?\b(?:import|require)\s*\(\s*(['"`])([^'"`\n]+)\2\s*\)/g

/** Everything that `source` imports, re-exports or requires. */
export function importsOf(source: string): Import[] {
  const code = codeOf(source, true)
  const found: Import[] = []
  for (const [, clause, , specifier] of code.matchAll(STATEMENT)) {
    const names = /^\s*\{([^}]*)\}\s*from\s*$/
      .exec(clause!)?.[1]
      ?.split(',')
      .map((name) => name.trim())
    const areTypes = names?.filter(Boolean).every((name) => name.startsWith('type ')) ?? false
    found.push({ specifier: specifier!, isType: areTypes || /^\s*type\b/.test(clause!), isLazy: false })
  }
  for (const { index, 1: typeOf, 3: specifier } of code.matchAll(CALL)) {
    const before = code.slice(code.lastIndexOf('\n', index) + 1, index)
    const isType = typeOf !== undefined || /(?:\bas|[:<|&])\s*$/.test(before)
    found.push({ specifier: specifier!, isType, isLazy: /^\s|=>/.test(before) })
  }
  return found
}
