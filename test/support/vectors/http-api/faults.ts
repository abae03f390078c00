// What a network can do to a request, by the names that vectors have for it.

import { NotFollowed } from '../vector-case'

/**
 * `unconnected`: no connection comes about, in no time; `silent`: no answer, or a late one; `stalled`: the body of the answer never ends; `reset`, `closed`: the connection goes once the request was
 * read; `cut`: it goes in the middle of the answer's body; the others leave the server without a request; `backoff`: there were too many
 * timeouts before.
 */
export type Fault =
  | 'none'
  | 'unconnected'
  | 'silent'
  | 'stalled'
  | 'reset'
  | 'closed'
  | 'cut'
  | 'refused'
  | 'dns'
  | 'tls'
  | 'backoff'

const NAMES: readonly (readonly [RegExp, Fault])[] = [
  [/^(?:ok|any|none|normal|answer|http-\d{3})$/, 'none'],
  [/back-?off/, 'backoff'],
  [/tls|ssl|cert/, 'tls'],
  [/dns|not-?found|eai-?again|resolv|unknown-host|no-such-host/, 'dns'],
  [/refused|unreachable|cannot-connect/, 'refused'],
  [/stall|body-time-?out|time-?out-(?:on|in|during)-body/, 'stalled'],
  [/connect(?:ion|ing)?-time|time-?out-(?:on|in|during|while)-(?:send|connect)/, 'unconnected'],
  [/time-?out|timed-out|hang$|silent|no-answer|never-answers/, 'silent'],
  [/cut|truncat|short|partial|incomplete|terminated|(?:mid|during)-?body|body-(?:mid|reset|closed)/, 'cut'],
  [/reset|epipe/, 'reset'],
  [/clos|hang-?up|disconnect|drop|keep-?alive|socket|abort/, 'closed'],
]

/** @throws NotFollowed for a name that means nothing here */
export function faultOf(transport: string | undefined): Fault {
  if (transport === undefined) return 'none'
  const name = transport.toLowerCase().replace(/[\s_]+/g, '-')
  const known = NAMES.find(([pattern]) => pattern.test(name))
  if (known === undefined) throw new NotFollowed(`the transport ${transport} is not understood`)
  return known[1]
}

/** After these a call is late. */
export function isTimeout(fault: Fault): boolean {
  return fault === 'unconnected' || fault === 'silent' || fault === 'stalled'
}

/** Of these the server sees nothing. */
export function isBeforeServer(fault: Fault): boolean {
  return fault === 'refused' || fault === 'dns' || fault === 'tls' || fault === 'unconnected'
}
