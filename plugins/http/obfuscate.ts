// Takes the secrets out of the query of a URL.
//
// What counts as one follows Datadog's tracers: values of keys that sound like a password, key, token or signature,
// bearer and JSON web tokens, GitHub tokens, private keys. The key goes with its value. Beyond them it knows a space written
// as `+`, keys in brackets and JSON that breaks off.

/** Longer queries are cut before they are searched: the pattern runs in the request's time. */
export const MAX_QUERY_LENGTH = 4096

const SPACE = '(?:[\\s+]|%20|%0[9AD])'
const QUOTE = '(?:"|%22)'
const KEY =
  '(?:p(?:ass)?w(?:or)?d|pass(?:[_-]?phrase)?|secret|(?:api|private|public|access|secret)[_-]?key(?:[_-]?id)?|token|consumer[_-]?(?:id|key|secret)|sign(?:ed|ature)?|auth(?:entication|orization)?)'

// Every part takes time in proportion to the text, whatever the text: it comes from anybody.
const SECRETS = new RegExp(
  [
    `${KEY}(?:[[\\]]|%5[BD])*${SPACE}*(?:=|%3D)[^&]+`,
    // JSON's "key":"value", in which a backslash may stand before a quote
    `${KEY}${QUOTE}${SPACE}*(?::|%3A)${SPACE}*${QUOTE}(?:(?:\\\\|%5C)${QUOTE}?|%(?!22|5C)|[^"%\\\\])*(?:${QUOTE}|$)`,
    `bearer${SPACE}+(?:[\\w.~+/=-]|%2B|%2F|%3D)+`,
    'token(?::|%3A)[a-z\\d]{13}',
    'gh[opsu]_[a-z\\d]{36}',
    // A JSON web token near the beginning of a word: a long one would otherwise be searched from each of its letters
    'ey[i-l](?<=(?<![\\w-])[\\w-]{0,16}ey.)[\\w-]+(?:=|%3D)*\\.ey[i-l](?:[\\w=-]|%3D)+(?:\\.(?:[\\w.+/=-]|%3D|%2F|%2B)+)?',
    `-{5}begin(?:[a-z]|${SPACE})+private${SPACE}key-{5}[^-]+-{5}end(?:[a-z]|${SPACE})+private${SPACE}key(?:-{5})?(?:\\n|%0A)?`,
    'ssh-rsa(?:\\s|%20)*(?:[a-z\\d/.+]|%2F|%5C|%2B){100,}',
  ].join('|'),
  'gi',
)

/** `url` with the secrets in its query replaced by `<redacted>`; `.*` as pattern cuts the whole query. */
export function obfuscateQuery(url: string, pattern: RegExp = SECRETS): string {
  const at = url.indexOf('?')
  if (at === -1) return url
  if (pattern.source === '.*') return url.slice(0, at)
  return `${url.slice(0, at)}?${whatFits(url.slice(at + 1)).replace(pattern, '<redacted>')}`
}

/** A parameter that does not fit goes as a whole: half a secret does not look like one. */
function whatFits(query: string): string {
  return query.length <= MAX_QUERY_LENGTH
    ? query
    : query.slice(0, Math.max(0, query.lastIndexOf('&', MAX_QUERY_LENGTH)))
}
