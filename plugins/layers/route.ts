// Puts the route of a request together from the patterns of the layers it has come through.
//
// `/users` mounted and `/:id` inside it give `/users/:id`. Patterns may be text, a RegExp, or arrays of both, of which the one
// that matched counts.

/** What each mounted layer was mounted with. */
export const mountPatterns = new WeakMap<object, unknown>()

/** `prefix` with what `pattern` adds to it when `path` matched; a lone `/` adds nothing. */
export function joinRoute(prefix: string, pattern: unknown, path: string): string {
  const matched = choose(pattern, path)
  if (matched === undefined || matched === '/') return prefix
  const segment = matched instanceof RegExp ? `(${matched})` : matched
  const before = prefix.endsWith('/') ? prefix.slice(0, -1) : prefix
  return before + (segment.startsWith('/') || segment.startsWith('(') ? segment : `/${segment}`)
}

function choose(pattern: unknown, path: string): string | RegExp | undefined {
  if (typeof pattern === 'string' || pattern instanceof RegExp) return pattern
  if (!Array.isArray(pattern)) return undefined
  const choices = pattern.flat(Number.POSITIVE_INFINITY) as unknown[]
  const known = choices.filter((choice) => typeof choice === 'string' || choice instanceof RegExp)
  if (known.length < 2) return known[0]
  // The path of a mount has those before it in front.
  const matching = known.filter((choice) => positionOf(choice, path) !== -1)
  return matching.find((choice) => positionOf(choice, path) === 0) ?? matching[0] ?? known[0]
}

/** Patterns of arrays, compiled; programs have few, and they live as long. */
const compiled = new Map<string, RegExp>()
const MAX_COMPILED = 1000

/** Where `path` begins to match, or -1: near enough to Express's own matching to tell the patterns of one array apart. */
function positionOf(pattern: string | RegExp, path: string): number {
  if (pattern instanceof RegExp) return path.search(pattern)
  let regexp = compiled.get(pattern)
  if (regexp === undefined) {
    const source = pattern
      .replace(/[.+^$()[\]\\|?]/g, '\\$&')
      .replace(/\{|\}/g, '')
      .replace(/\*\w*/g, '.*')
      .replace(/:\w+/g, '[^/]+')
    regexp = new RegExp(`${source.replace(/\/$/, '')}/?$`, 'i')
    if (compiled.size < MAX_COMPILED) compiled.set(pattern, regexp)
  }
  return path.search(regexp)
}

/** Whether `route` says more than `known`: plain text beats patterns, patterns beat wildcards, longer beats shorter. */
export function isMoreSpecific(route: string, known: string | undefined): boolean {
  if (known === undefined) return true
  const rank = (text: string) => (text.includes('*') ? 0 : text.includes('(/') ? 1 : 2)
  return rank(route) === rank(known) ? route.length > known.length : rank(route) > rank(known)
}
