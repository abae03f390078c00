// Writes bytes to stdout or stderr without waiting for them: `process.stdout` waits where it is a pipe, and a reader that has stopped,
// as a pager does, would stop the local agent in this process along with the program.

import { write } from 'node:fs'
import { Writable } from 'node:stream'

/** Another process has made the pipe one that does not wait. */
const RETRY_AFTER_MS = 10

/** What may wait for a reader before the program does. */
const MAX_WAITING_BYTES = 1024 * 1024

/** Errors, when the reader has gone, come as 'error'. */
export function fdWriter(fd: number): Writable {
  const writeAll = (bytes: Buffer, done: (error?: Error | null) => void): void => {
    write(fd, bytes, (error, written) => {
      if (error?.code === 'EAGAIN') setTimeout(() => writeAll(bytes, done), RETRY_AFTER_MS)
      else if (error) done(error)
      else if (written < bytes.length) writeAll(bytes.subarray(written), done)
      else done()
    })
  }
  return new Writable({
    decodeStrings: true,
    highWaterMark: MAX_WAITING_BYTES,
    write: (chunk: Buffer, _encoding, done) => writeAll(chunk, done),
  })
}
