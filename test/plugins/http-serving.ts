// Servers of Node's `http` for the tests of the plugin's server side: one on a port of its own, how its spans read in one word, and a traced
// program whose answer each test may change.

import http, { type RequestListener } from 'node:http'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { find, type ReceivedSpan } from '../support/agent'
import { ask, listen, shut } from '../support/loopback'
import { Tracing } from '../support/tracing'
import { serverOnly } from '../support/web-framework'

export interface Serving {
  readonly server: http.Server
  readonly port: number
}

export async function serve(server = http.createServer()): Promise<Serving> {
  return { server, port: await listen(server) }
}

export const done: RequestListener = (_request, response) => void response.end('done')

export async function wait(): Promise<void> {
  await nextTurn()
  await new Promise((resolve) => setTimeout(resolve, 1))
}

/** A server of a traced program: a new one for each test. */
export class TracedProgram {
  tracing!: Tracing
  serving!: Serving
  /** How it answers: `done`, until the test says otherwise. */
  answer: RequestListener = done

  /** Call it inside a `describe`. */
  static declare(): TracedProgram {
    const program = new TracedProgram()
    before(async () => {
      program.tracing = await Tracing.start(serverOnly)
    })
    beforeEach(async () => {
      // What a test before has left behind.
      await program.spans()
      program.tracing.clear()
      program.answer = done
      program.serving = await serve(http.createServer((request, response) => program.answer(request, response)))
    })
    afterEach(() => shut(program.serving.server))
    after(() => program.tracing.stop())
    return program
  }

  get port(): number {
    return this.serving.port
  }

  spans(): Promise<ReceivedSpan[]> {
    return this.tracing.spans()
  }

  /** The span of one request. */
  async spanOf(line: string, headers: readonly string[] = []): Promise<ReceivedSpan> {
    this.tracing.clear()
    await ask(this.port, line, headers)
    return find(await this.spans(), 'web.request')
  }
}
