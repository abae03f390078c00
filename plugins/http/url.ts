// What spans tell of a URL: where a request went, never who asked.

/**
 * The URL of a request. `target` is what stands in its first line: a path, or towards a proxy a whole URL, or `*` or CONNECT's
 * `host:port`. Credentials are left out.
 */
export function urlOf(scheme: string, authority: string, target: string): string {
  const whole = target.startsWith('/') ? null : /^([a-z][a-z\d+.-]*:\/\/)([^/?#]*)(.*)$/i.exec(target)
  if (whole !== null) return whole[1] + withoutCredentials(whole[2]!) + whole[3]
  return `${scheme}//${withoutCredentials(authority)}${target.startsWith('/') ? '' : '/'}${target}`
}

export function withoutQuery(url: string): string {
  const end = url.search(/[?#]/)
  return end === -1 ? url : url.slice(0, end)
}

/** The host of an IPv6 address as tags have it, and sockets. */
export function withoutBrackets(host: string): string {
  return host.replace(/^\[|\]$/g, '')
}

/** What goes between scheme and path: a host without brackets, and the port unless it is the scheme's own. */
export function authorityOf(host: string, port: number, defaultPort: number): string {
  return `${host.includes(':') ? `[${host}]` : host}${port === defaultPort ? '' : `:${port}`}`
}

function withoutCredentials(authority: string): string {
  return authority.slice(authority.lastIndexOf('@') + 1)
}
