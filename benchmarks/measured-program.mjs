// Starts a program that measures itself and answers over the IPC channel.

import { fork } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'

/** No program takes this long; one that does is stuck. */
const PATIENCE_MS = 180_000
/** How long a program may take to end. OpenTelemetry's preload takes SIGTERM for itself, so what is late is killed. */
const GRACE_MS = 5000

/** @param preload the file to `--require`, if any; `args` and `env` go to the program in `programs/`. */
export function startProgram(name, { node, preload, args = [], env, nodeArgs = [] }) {
  const file = fileURLToPath(new URL(`programs/${name}`, import.meta.url))
  const execArgv = [...nodeArgs, ...(preload === undefined ? [] : ['--require', preload])]
  const child = fork(file, args, { execPath: node, execArgv, env })
  const gone = once(child, 'exit')
  const ended = gone.then(([code, signal]) => {
    throw new Error(`${name} ended with ${code ?? signal} before it answered`)
  })
  ended.catch(() => {})
  return {
    send: (message) => child.send(message),
    async next() {
      const waiting = new AbortController()
      const patience = setTimeout(() => waiting.abort(), PATIENCE_MS)
      try {
        const [message] = await Promise.race([once(child, 'message', { signal: waiting.signal }), ended])
        return message
      } finally {
        clearTimeout(patience)
        waiting.abort()
      }
    },
    /** Programs end when the channel does, so that a profiler can write its file. */
    async stop() {
      if (child.exitCode !== null || child.signalCode !== null) return
      if (child.connected) child.disconnect()
      const killer = setTimeout(() => child.kill('SIGKILL'), GRACE_MS)
      await gone
      clearTimeout(killer)
    },
  }
}
