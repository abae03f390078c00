// Where the Agent is: the URL given, else host and port, else the socket that Agents share with the programs of their host.

import { existsSync } from 'node:fs'
import { log } from '../base/log'
import type { Config } from './config'

/** Datadog's default path. */
const DEFAULT_SOCKET = '/var/run/datadog/apm.socket'

export function agentUrl({ agentUrl: given, agentHost, agentPort }: Config): URL {
  const fallback = `http://${agentHost.includes(':') ? `[${agentHost}]` : agentHost}:${agentPort}`
  if (given !== undefined) {
    try {
      const url = new URL(given)
      if (['http:', 'https:', 'unix:'].includes(url.protocol)) return url
    } catch {
      // Said below, with the other kind of bad URL.
    }
    log.once('agentUrl', `DD_TRACE_AGENT_URL must begin with http://, https:// or unix://; ${fallback} is used instead`)
  } else if (agentHost === '127.0.0.1' && agentPort === 8126 && existsSync(DEFAULT_SOCKET)) {
    return new URL(`unix://${DEFAULT_SOCKET}`)
  }
  return new URL(fallback)
}
