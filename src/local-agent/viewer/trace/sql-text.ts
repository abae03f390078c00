// Lays out a statement of SQL: a line for each clause, keywords apart from the rest. Only what is surely SQL, and nothing of the
// text is ever lost or changed but the space between words.

interface SqlPart {
  readonly kind: 'keyword' | 'text' | 'literal' | 'comment' | 'break'
  readonly text: string
  readonly indent: number
}

const STATEMENT =
  /^\s*(select|insert|update|delete|with|create|alter|drop|merge|begin|commit|rollback|explain|truncate)\b/i

/** Each begins a line. */
const CLAUSES =
  /^(select|from|where|group by|order by|having|limit|offset|union all|union|values|set|returning|on conflict|insert into|update|delete from|with|left join|left outer join|right join|inner join|full join|cross join|join|fetch|for update)$/i

const KEYWORDS =
  /^(as|on|and|or|not|in|is|null|like|ilike|between|exists|case|when|then|else|end|distinct|asc|desc|using|into|all|any|over|partition|by|table|if|true|false|do|nothing|create|drop|alter|begin|commit|rollback)$/i

/** Quoted texts and names, comments, numbers, words (with the word that belongs to them), space, and single signs. */
const TOKEN =
  /'(?:[^']|'')*'?|"[^"]*"?|`[^`]*`?|--[^\n]*|\/\*[\s\S]*?(?:\*\/|$)|\$\d+|\d+(?:\.\d+)?|(?:group|order)\s+by\b|union\s+all\b|on\s+conflict\b|insert\s+into\b|delete\s+from\b|for\s+update\b|(?:left|right|inner|full|cross)\s+(?:outer\s+)?join\b|[\p{L}_][\p{L}\p{N}_]*|\s+|[^\s]/giu

export const isSql = (text: string): boolean => STATEMENT.test(text)

export function sqlParts(sql: string): SqlPart[] {
  const parts: SqlPart[] = []
  let depth = 0
  let isFirst = true
  for (const [token] of sql.matchAll(TOKEN)) {
    const words = token.replace(/\s+/g, ' ')
    if (token === '(') depth++
    if (token === ')') depth = Math.max(0, depth - 1)
    if (/^\s/.test(token)) parts.push({ kind: 'text', text: ' ', indent: 0 })
    else if (/^['"`$\d]/.test(token)) parts.push({ kind: 'literal', text: token, indent: 0 })
    else if (/^(--|\/\*)/.test(token)) {
      parts.push({ kind: 'comment', text: token, indent: 0 })
      if (token.startsWith('--')) parts.push({ kind: 'break', text: '\n', indent: depth })
    } else if (CLAUSES.test(words)) {
      // A clause of a subquery that is short stays where it is: only the outer ones are lines.
      if (!isFirst && depth <= 1) parts.push({ kind: 'break', text: '\n', indent: depth })
      parts.push({ kind: 'keyword', text: words, indent: 0 })
    } else if (/^(and|or)$/i.test(token) && depth === 0) {
      parts.push({ kind: 'break', text: '\n', indent: 1 }, { kind: 'keyword', text: token, indent: 0 })
    } else parts.push({ kind: KEYWORDS.test(token) ? 'keyword' : 'text', text: token, indent: 0 })
    isFirst = false
  }
  return parts
}
