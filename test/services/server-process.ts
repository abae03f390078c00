// A server program for the tests, on a leash: a small shell holds it and watches its own standard input, which closes
// when the test process ends in whatever way, SIGKILL included. It then stops the server and removes its folder. The
// shell leads a session of its own, so Ctrl+C in the terminal does not reach the server before its clients are done.

import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { chownSync, mkdtempSync } from 'node:fs'
import type { Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { cleanEnv } from '../support/clean-env'

/** Characters of what a server writes that are kept. */
const MAX_OUTPUT = 16_000

/** $0 is the folder to remove, $1 the signal that stops the server. SIGKILL follows after five seconds. */
const leash = `
folder=$0 stop=$1; shift
exec 3<&0
"$@" </dev/null 3<&- & server=$!
{
  cat <&3
  kill -s "$stop" $server
  for tenth in $(seq 50); do kill -0 $server || exit; sleep 0.1; done
  kill -s KILL $server
} >/dev/null 2>&1 & watcher=$!
wait $server; code=$?
kill $watcher 2>/dev/null
cd / && rm -rf -- "$folder"
exit $code
`

export interface ServerProcess {
  /** Rejects when the server ends by itself, with the last lines it wrote: to be raced with what waits for it. */
  readonly failed: Promise<never>
  /** The first match of `pattern` in what the server has written so far; rejects while there is none. */
  printed(pattern: RegExp): Promise<RegExpExecArray>
  stop(): Promise<void>
}

export interface ServerOptions {
  /** Names the folder of its data. */
  name: string
  /** What to run, given the folder: its working directory, new and empty, removed when the server has ended. */
  command: (folder: string) => string[]
  stopSignal?: string
  env?: Record<string, string>
  /** For servers that refuse to run as root: the user who runs it and owns the folder. */
  user?: { uid: number; gid: number } | undefined
}

/** Starts the server and returns at once. */
export function startServerProcess({ name, command, stopSignal = 'TERM', env, user }: ServerOptions): ServerProcess {
  const folder = mkdtempSync(join(tmpdir(), `dd-test-${name}-`))
  if (user) chownSync(folder, user.uid, user.gid)
  const child = spawn('/bin/sh', ['-c', leash, folder, stopSignal, ...command(folder)], {
    cwd: folder,
    env: cleanEnv(env),
    stdio: ['pipe', 'pipe', 'pipe'],
    detached: true,
    ...user,
  })
  let output = ''
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => {
      output = (output + text).slice(-MAX_OUTPUT)
    })
  }
  // The shell may be gone already when the leash is pulled.
  child.stdin.on('error', () => {})

  // A run without the root hooks ends all the same: nobody waits for the server, and its leash is pulled by the exit.
  child.unref()
  for (const stream of [child.stdin, child.stdout, child.stderr]) (stream as Socket).unref()

  const closed = once(child, 'close')
  const failed = closed.then(([code]): never => {
    throw new Error(`${name} ended with code ${String(code)}: ${output.trim()}`)
  })
  failed.catch(() => {})
  return {
    failed,
    async printed(pattern) {
      const match = pattern.exec(output)
      if (match === null) throw new Error(`the server has not written ${pattern}, only: ${output.trim()}`)
      return match
    },
    async stop() {
      child.ref()
      child.stdin.end()
      await closed.catch(() => {})
    },
  }
}
