// A value as it reads best: SQL with a line per clause, JSON with indents, anything else as it is. Always text, never HTML.

import type { JSX } from 'preact'
import { isSql, sqlParts } from './sql-text'

/** Longer ones are shown as they are: laying them out would take longer than reading them is worth. */
const MAX_LAID_OUT = 20_000

export function RichText({ text, isCode = false }: { text: string; isCode?: boolean }): JSX.Element | string {
  if (text.length <= MAX_LAID_OUT && isSql(text)) return <Sql text={text} />
  const pretty = text.length <= MAX_LAID_OUT ? prettyJson(text) : undefined
  return pretty !== undefined || isCode ? <pre class="rich">{pretty ?? text}</pre> : text
}

function Sql({ text }: { text: string }): JSX.Element {
  return (
    <pre class="rich sql">
      {sqlParts(text).map(({ kind, text: words, indent }, index) =>
        kind === 'break' ? (
          `\n${'  '.repeat(indent)}`
        ) : kind === 'text' ? (
          words
        ) : (
          <span key={index} class={kind}>
            {words}
          </span>
        ),
      )}
    </pre>
  )
}

function prettyJson(text: string): string | undefined {
  if (!/^\s*[[{]/.test(text)) return undefined
  try {
    return JSON.stringify(JSON.parse(text), undefined, 2)
  } catch {
    // Cut short, or it only looks like JSON.
    return undefined
  }
}
