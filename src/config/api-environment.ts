// What the environment says of Datadog's API: its address, the keys, and the way to it.

import { clientEnvironment } from './client-environment'
import type { Config } from './config'
import { nearestPackage } from './package-json'

/** As `src/api-transport/api-settings.ts` wants it, which may not be known here. */
export function apiEnvironmentOf(config: Config) {
  const { apiKey, applicationKey, site, apiHost, hostname, proxy, noProxy } = config
  return {
    apiKey,
    applicationKey,
    site,
    apiHost,
    hostname,
    proxy,
    noProxy,
    clientVersion: nearestPackage(__filename)?.version,
    threadEnv: clientEnvironment(process.env),
  }
}
