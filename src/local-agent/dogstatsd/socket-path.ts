// Makes sure that a Unix socket can be made at a path. One that nobody listens on any more, left by a process that was killed, is removed;
// anything else that is there stays.

import { lstat, unlink } from 'node:fs/promises'
import { connect } from 'node:net'

/** Rejects, with a reason for a human, where something else is in the way. */
export async function claimSocketPath(path: string): Promise<void> {
  const found = await lstat(path).catch(() => undefined)
  if (found === undefined) return
  if (!found.isSocket()) throw new Error(`${path} is there already, and is no socket`)
  if (await isListenedOn(path)) throw new Error(`${path} is taken`)
  await unlink(path)
}

function isListenedOn(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const connection = connect(path)
    connection.once('connect', () => {
      connection.destroy()
      resolve(true)
    })
    connection.once('error', ({ code }: NodeJS.ErrnoException) => resolve(code !== 'ECONNREFUSED'))
  })
}
