// The environment in which npm installs packages for the tests and builds those that need it.

import { existsSync, realpathSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { cleanEnv } from './clean-env'

export function npmEnv(): Record<string, string> {
  // Without it a Node that is not the system's may not trust the registry.
  const { NODE_EXTRA_CA_CERTS } = process.env
  return cleanEnv({
    NODE_EXTRA_CA_CERTS,
    npm_config_nodedir: headersFolder(),
    // A download that stalls is begun anew before the whole installation is given up.
    npm_config_fetch_timeout: '60000',
    npm_config_fetch_retries: '4',
  })
}

/**
 * Of the Node that runs this, if it was installed with its headers; node-gyp would download them, from elsewhere than the registry. Else of the
 * one that runs `npm test`, which will do for Node-API.
 */
function headersFolder(): string | undefined {
  const { npm_node_execpath: ofNpm } = process.env
  return [process.execPath, ...(ofNpm === undefined ? [] : [ofNpm])]
    .map((program) => dirname(dirname(realpathSync(program))))
    .find((prefix) => existsSync(join(prefix, 'include', 'node', 'node.h')))
}
