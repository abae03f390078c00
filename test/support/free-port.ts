// A loopback TCP port that nobody listens on right now. The system picks it, so two tests do not get the same one;
// between closing it here and using it another process could take it, which in practice does not happen within a run.

import { once } from 'node:events'
import { type AddressInfo, createServer } from 'node:net'

export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  server.close()
  await once(server, 'close')
  return port
}
