// A stand-in for the route of a request that no framework has named (`resourceRenaming`, `DD_TRACE_RESOURCE_RENAMING_ENABLED`): its path,
// with what looks like a value replaced. The rules are those of Datadog's tracers (`http.endpoint`), in their order.

/** What is behind these is left out. */
const MAX_SEGMENTS = 8

const RULES: readonly (readonly [pattern: RegExp, name: string])[] = [
  [/^[1-9]\d+$/, '{param:int}'],
  [/^(?=[._-]*\d)[\d._-]{3,}$/, '{param:int_id}'],
  [/^(?=[a-f]*\d)[a-f\d]{6,}$/i, '{param:hex}'],
  [/^(?=[a-f._-]*\d)[a-f\d._-]{6,}$/i, '{param:hex_id}'],
  [/^.{20}|[%&'()*+,:=@]/s, '{param:str}'],
]

/** @param url whole, as in `http.url` */
export function endpointOf(url: string): string {
  const path = /^(?:[a-z][a-z\d+.-]*:\/\/[^/?#]*)?([^?#]*)/i.exec(url)?.[1] ?? ''
  const segments = path.split('/').filter(Boolean).slice(0, MAX_SEGMENTS)
  return `/${segments.map(shown).join('/')}`
}

function shown(segment: string): string {
  return RULES.find(([pattern]) => pattern.test(segment))?.[1] ?? segment
}
