// Names, tags and values as a packet can carry them. Nothing in the protocols can be escaped, so what has a meaning of its own in a
// packet becomes `_`: a newline in a name would be a metric of its own.

/** In names: separators of StatsD and DogStatsD, white space and control characters. */
const IN_NAME = /[:|@#,\s\p{Cc}]/u
const ALL_IN_NAME = /[:|@#,\s\p{Cc}]/gu

/** What Datadog does not keep in tags either (datadogpy, `normalize_tags`): all but letters and digits of any script, and `_ - : / .`. */
const IN_TAG = /[^\p{L}\p{N}_\-:/.]/u
const ALL_IN_TAG = /[^\p{L}\p{M}\p{N}_\-:/.]/gu
/** Most tags, told without the tables of Unicode. */
const PLAIN_TAG = /^[\w\-:/.]*$/

/** In the value of a set and in fields without a length: separators, line ends, control characters. */
const ALL_IN_FIELD = /[|\p{Cc}\u2028\u2029]/gu

export function cleanName(name: string): string {
  return IN_NAME.test(name) ? name.replace(ALL_IN_NAME, '_') : name
}

export function cleanTag(tag: string): string {
  return PLAIN_TAG.test(tag) || !IN_TAG.test(tag) ? tag : tag.replace(ALL_IN_TAG, '_')
}

/** The value of a set, a host name, a source type: what is read up to the next `|`. */
export function cleanField(text: string): string {
  return text.replace(ALL_IN_FIELD, '_')
}
