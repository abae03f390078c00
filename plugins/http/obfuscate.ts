// Takes the secrets out of the query of a URL.
//
// What counts as one follows Datadog's tracers: values of keys that sound like a password, key, token or signature,
// bearer and JSON web tokens, GitHub tokens, private keys. The key goes with its value.

/** Longer queries are cut before they are searched: the pattern runs in the request's time. */
export const MAX_QUERY_LENGTH = 4096

const KEY =
  '(?:p(?:ass)?w(?:or)?d|pass(?:[_-]?phrase)?|secret|(?:api|private|public|access|secret)[_-]?key(?:[_-]?id)?|token|consumer[_-]?(?:id|key|secret)|sign(?:ed|ature)?|auth(?:entication|orization)?)'

const SECRETS = new RegExp(
  [
    // key=value, also with the equals sign encoded, and JSON's "key":"value" in both spellings
    `${KEY}(?:(?:\\s|%20)*(?:=|%3D)[^&]+|(?:"|%22)(?:\\s|%20)*(?::|%3A)(?:\\s|%20)*(?:"|%22)(?:%2[^2]|%[^2]|[^"%])+(?:"|%22))`,
    'bearer(?:\\s|%20)+[a-z0-9._-]+',
    'token(?::|%3A)[a-z0-9]{13}',
    'gh[opsu]_[0-9a-z]{36}',
    'ey[i-l](?:[\\w=-]|%3D)+\\.ey[i-l](?:[\\w=-]|%3D)+(?:\\.(?:[\\w.+/=-]|%3D|%2F|%2B)+)?',
    '-{5}begin(?:[a-z\\s]|%20)+private(?:\\s|%20)key-{5}[^-]+-{5}end(?:[a-z\\s]|%20)+private(?:\\s|%20)key(?:-{5})?(?:\\n|%0A)?',
    'ssh-rsa(?:\\s|%20)*(?:[a-z0-9/.+]|%2F|%5C|%2B){100,}',
  ].join('|'),
  'gi',
)

/** `path` with the secrets in its query replaced by `<redacted>`; `.*` as pattern cuts the whole query. */
export function obfuscateQuery(path: string, pattern: RegExp = SECRETS): string {
  const at = path.indexOf('?')
  if (at === -1) return path
  if (pattern.source === '.*') return path.slice(0, at)
  const query = path.slice(at + 1, at + 1 + MAX_QUERY_LENGTH)
  return `${path.slice(0, at)}?${query.replace(pattern, '<redacted>')}`
}
