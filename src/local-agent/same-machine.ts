// Keeps the web out. The local agent listens on loopback, but every page in the user's browser can reach loopback too.
//
// A page whose own name points to 127.0.0.1 (DNS rebinding) shows itself in `Host`; a page that sends requests across
// origins shows itself in `Origin` or, where that is left out, in `Sec-Fetch-Site`. Programs send neither of the two.

import type { IncomingHttpHeaders } from 'node:http'
import { Refusal } from './refusal'

const LOOPBACK = /^(localhost|127(\.\d{1,3}){3}|\[::1\])$/i

/** Whether a server on `host` can be reached from this machine only. */
export function isLoopback(host: string): boolean {
  return LOOPBACK.test(host === '::1' ? '[::1]' : host)
}

export function mustBeSameMachine(headers: IncomingHttpHeaders): void {
  const { host = '', origin } = headers
  if (!isLoopback(host.replace(/:\d+$/, ''))) throw new Refusal(403, 'only requests to localhost are answered')
  // Another port of this machine is another program, so it is as foreign as another machine.
  const foreign = origin !== undefined && origin.toLowerCase() !== `http://${host.toLowerCase()}`
  if (foreign || headers['sec-fetch-site'] === 'cross-site') {
    throw new Refusal(403, 'requests from other pages are not answered')
  }
}
