// Processes of the soak, which do what they are asked over the IPC channel and are gone when the soak is.

import { fork } from 'node:child_process'
import { once } from 'node:events'

/** How long a process may take to end by itself. */
const GRACE_MS = 10_000
const PATIENCE_MS = 60_000
/** Characters of what a process writes that are kept. */
const MAX_OUTPUT = 20_000

export class Child {
  /** What it has written to stderr. */
  stderr = ''
  #process
  #asked = new Map()
  #lastId = 0
  #name

  /** @param options those of `fork`, and the arguments of the program. */
  constructor(file, { args = [], ...options } = {}) {
    this.#name = file.slice(file.lastIndexOf('/') + 1)
    this.#process = fork(file, args, { stdio: ['ignore', 'inherit', 'pipe', 'ipc'], ...options })
    this.#process.stderr.setEncoding('utf8').on('data', (text) => {
      this.stderr = (this.stderr + text).slice(-MAX_OUTPUT)
    })
    this.#process.on('message', ({ id, result, error }) => {
      const { resolve, reject } = this.#asked.get(id)
      this.#asked.delete(id)
      if (error === undefined) resolve(result)
      else reject(new Error(`${this.#name}: ${error}`))
    })
    this.#process.on('error', (error) => this.#fail(error))
    this.#process.on('exit', (code, signal) => this.#fail(new Error(`it ended with ${code ?? signal}`)))
  }

  get pid() {
    return this.#process.pid
  }

  get hasEnded() {
    return this.#process.exitCode !== null || this.#process.signalCode !== null
  }

  /** What the process answers. */
  async ask(what, data, patienceMs = PATIENCE_MS) {
    if (this.hasEnded) throw new Error(`${this.#name} has ended: ${this.stderr}`)
    const id = ++this.#lastId
    let timer
    try {
      return await new Promise((resolve, reject) => {
        this.#asked.set(id, { resolve, reject })
        timer = setTimeout(
          () => reject(new Error(`${this.#name} has not done "${what}" in ${patienceMs} ms`)),
          patienceMs,
        )
        this.#process.send({ id, what, data })
      })
    } finally {
      clearTimeout(timer)
    }
  }

  /** Ends by itself when the channel is closed; what does not is killed. */
  async stop() {
    if (this.hasEnded) return
    const gone = once(this.#process, 'exit')
    if (this.#process.connected) this.#process.disconnect()
    const killer = setTimeout(() => this.#process.kill('SIGKILL'), GRACE_MS)
    await gone
    clearTimeout(killer)
  }

  #fail(error) {
    for (const { reject } of this.#asked.values()) reject(new Error(`${this.#name}: ${error.message}\n${this.stderr}`))
    this.#asked.clear()
  }
}
