// What is told of a command: its words, no longer than a limit, and without the secrets that people put there.

/** Characters of a command, all its words together. */
export const MAX_COMMAND_CHARS = 4096

const SECRET = '[\\w-]*(?:passw(?:or)?d|passphrase|mysql_pwd|secret|token|api_?-?key|credentials?|auth)[\\w-]*'
const VALUE = `(?:"[^"]*"?|'[^']*'?|[^\\s;&|]+)`

/** `--password` whose value is the next word. */
const SECRET_FLAG = new RegExp(`^--?${SECRET}$`, 'i')
/** In words and in lines, what to keep before the secret is the first group. */
const SECRETS: readonly RegExp[] = [
  new RegExp(`((?:^|[\\s"'])--?${SECRET}=)${VALUE}`, 'gi'),
  // A user with a password in a URL, a header of HTTP.
  /(\b[a-z][a-z\d+.-]{0,20}:\/\/)[^\s/@"']+(?=@)/gi,
  /(\b(?:authorization|x-api-key|cookie)\s*:\s*)[^"'\n]+/gi,
  /(\bbearer\s+)[^\s"']+/gi,
]
const FLAG_IN_LINE = new RegExp(`((?:^|\\s)--?${SECRET}\\s+)(?!-)${VALUE}`, 'gi')
const ASSIGNMENT = new RegExp(`((?:^|[\\s;&|(])[A-Za-z_]\\w*=)${VALUE}`, 'g')

interface CommandText {
  readonly text: string
  readonly isCut: boolean
}

/** A line for a shell. Variables are set to what nobody else is to know. */
export function lineText(line: string): CommandText {
  const text = withoutSecrets(line.slice(0, MAX_COMMAND_CHARS)).replace(FLAG_IN_LINE, '$1?').replace(ASSIGNMENT, '$1?')
  return { text, isCut: line.length > MAX_COMMAND_CHARS }
}

/** A program and its arguments, as JSON. */
export function wordsText(words: readonly unknown[]): CommandText {
  const kept: string[] = []
  let room = MAX_COMMAND_CHARS
  for (const [at, given] of words.entries()) {
    const word = String(given)
    if (room <= 0 && word !== '') break
    const isSecret = at > 0 && SECRET_FLAG.test(String(words[at - 1])) && !word.startsWith('-')
    kept.push(isSecret ? '?' : withoutSecrets(word.slice(0, room)))
    room -= word.length
  }
  return { text: JSON.stringify(kept), isCut: room < 0 || kept.length < words.length }
}

function withoutSecrets(text: string): string {
  return SECRETS.reduce((left, pattern) => left.replace(pattern, '$1?'), text)
}
