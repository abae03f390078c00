// Asks a server over a bare socket whether it is there and which version it is. No driver: the tests want to be the first to
// load those, and no query of ours may become a span of theirs.

import { connect } from 'node:net'

export interface Greeting {
  /** Undefined: the server speaks first. */
  readonly send?: string | Buffer
  /** What a good answer holds, as latin1; its first group is the version. */
  readonly expect: RegExp
}

const ANSWER_TIMEOUT_MS = 5000
const RETRY_MS = 50

export function greet(host: string, port: number, { send, expect }: Greeting): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect(port, host)
    const end = (settle: () => void) => {
      socket.destroy()
      settle()
    }
    let answer = ''
    socket.setTimeout(ANSWER_TIMEOUT_MS, () =>
      end(() => reject(new Error(`no answer, only ${JSON.stringify(answer)}`))),
    )
    socket.on('error', (error) => end(() => reject(error)))
    socket.on('close', () => reject(new Error(`closed after ${JSON.stringify(answer)}`)))
    socket.on('data', (part) => {
      answer += part.toString('latin1')
      const match = expect.exec(answer)
      if (match !== null) end(() => resolve(match[1] ?? ''))
    })
    if (send !== undefined) socket.write(send)
  })
}

/** The greeting for HTTP servers whose front page tells their version. */
export function httpGreeting(expect: RegExp): Greeting {
  return { send: 'GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n', expect }
}

/** Asks again until there is an answer, `signal` aborts or `patienceMs` have passed. */
export async function untilAnswers<T>(attempt: () => Promise<T>, patienceMs: number, signal: AbortSignal): Promise<T> {
  const deadline = performance.now() + patienceMs
  for (;;) {
    try {
      return await attempt()
    } catch (error) {
      if (signal.aborted || performance.now() > deadline) throw error
      await new Promise((resolve) => setTimeout(resolve, RETRY_MS))
    }
  }
}
