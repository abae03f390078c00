// What the Agent makes of the tags of a line: some have a meaning of their own and are taken out, the others count each once, in any order.
// Source: datadog-agent, comp/dogstatsd/server, enrich.go.

const HOST = 'host:'
const INTERNAL = /^dd\.internal\.(?:entity_id|card|jmx_check_name):/

interface TagMeaning {
  /** Of the tag `host:`, the last one; empty without. */
  readonly host: string
  /** Sorted, each once. */
  readonly tags: readonly string[]
}

const NOTHING: TagMeaning = { host: '', tags: [] }

export function meaningOf(given: readonly string[]): TagMeaning {
  if (given.length === 0) return NOTHING
  let host = ''
  const tags: string[] = []
  for (const tag of given) {
    if (tag.startsWith(HOST)) host = tag.slice(HOST.length)
    else if (tag !== '' && !INTERNAL.test(tag)) tags.push(tag)
  }
  tags.sort()
  return { host, tags: tags.filter((tag, at) => at === 0 || tag !== tags[at - 1]) }
}
