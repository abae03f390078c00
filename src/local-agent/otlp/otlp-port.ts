// A second port for OTLP, because OpenTelemetry's exporters send to 4318 unless they are told otherwise. It takes what the agent's own port takes there,
// and nothing else. A port that is taken is no reason to fail, because a real collector may have it; `problem` says so.

import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

interface OtlpPortOptions {
  readonly host: string
  /** 0 takes any free port; undefined listens on none. */
  readonly port: number | undefined
  readonly timeouts: { readonly keepAliveTimeout: number; readonly requestTimeout: number }
  readonly answer: (request: IncomingMessage, response: ServerResponse) => void
}

export class OtlpPort {
  /** Why it does not listen, if it should. */
  problem: string | undefined
  #server: Server | undefined

  /** Never rejects. */
  static async open({ host, port, timeouts, answer }: OtlpPortOptions): Promise<OtlpPort> {
    const opened = new OtlpPort()
    if (port === undefined) return opened
    const server = createServer(timeouts, answer)
    try {
      await new Promise<void>((resolve, reject) => server.once('error', reject).listen({ port, host }, resolve))
      opened.#server = server
    } catch (error) {
      const { code, message } = error as NodeJS.ErrnoException
      const reason = code === 'EADDRINUSE' ? ' is taken' : `: ${message}`
      opened.problem = `TCP port ${port}${reason}`
    }
    return opened
  }

  /** Undefined if it listens on none. */
  get port(): number | undefined {
    return (this.#server?.address() as AddressInfo | undefined)?.port
  }

  async close(): Promise<void> {
    const server = this.#server
    this.#server = undefined
    if (server === undefined) return
    const closed = new Promise((resolve) => server.close(resolve))
    server.closeAllConnections()
    await closed
  }
}
