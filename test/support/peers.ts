// Other tracers, whose real encoders and exporters are worth testing against: Datadog's for Node.js, and OpenTelemetry's with its exporters and
// automatic instrumentation.

import { join } from 'node:path'
import { INSTALL_TIMEOUT_MS, PackageSet } from './npm-packages'

const peers = new PackageSet('peers', {
  'dd-trace': '6.21.0',
  express: '5.3.0',
  protobufjs: '7.6.6',
  '@opentelemetry/api': '1.9.1',
  '@opentelemetry/auto-instrumentations-node': '0.81.2',
  '@opentelemetry/core': '2.12.0',
  '@opentelemetry/resources': '2.12.0',
  '@opentelemetry/sdk-node': '0.223.0',
})

/** A file from which peers can be required, once they are there. */
export const peersFrom = join(peers.folder, 'package.json')

/** To be called in a hook, or a test, which it gives the time to install them. */
export async function needsPeers(context: Mocha.Context): Promise<void> {
  context.timeout(INSTALL_TIMEOUT_MS)
  await peers.install()
}
