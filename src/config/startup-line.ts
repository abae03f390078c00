// The one line that tells an operator what was started, where DD_TRACE_STARTUP_LOGS asks for it.
//
// Nothing secret is in it: of the Agent's URL only what names the place.

import type { Config } from './config'

interface Started {
  readonly tracerVersion: string
  readonly agentUrl: URL
  /** The plugins that are on, and those that are not. */
  readonly on: readonly string[]
  readonly off: readonly string[]
}

export function startupLine(config: Config, { tracerVersion, agentUrl, on, off }: Started): string {
  const { service, env, version } = config
  const program = [`service ${service}`, env && `env ${env}`, version && `version ${version}`]
    .filter(Boolean)
    .join(', ')
  const place = `${agentUrl.protocol}//${agentUrl.host || agentUrl.pathname}`
  const plugins = `${on.length} ${on.length === 1 ? 'plugin' : 'plugins'} on${off.length === 0 ? '' : `, off: ${off.join(', ')}`}`
  return [
    `${tracerVersion} traces ${program}`,
    `to the Agent at ${place}`,
    `sampling ${sampling(config)}`,
    plugins,
    `Node.js ${process.version}`,
  ].join('; ')
}

function sampling({ sampleRate, samplingRules, rateLimit }: Config): string {
  const own = [
    samplingRules.length > 0 && `${samplingRules.length} rules`,
    sampleRate !== undefined && `rate ${sampleRate}`,
  ].filter(Boolean)
  return own.length === 0 ? "by the Agent's rates" : `by ${own.join(' and ')}, at most ${rateLimit} traces a second`
}
