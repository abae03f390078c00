// A pipe for the output of a program, as a shell makes it.
//
// What Node gives a child for 'pipe' is a pair of sockets, which takes 278 short lines where a pipe takes 64 kB: a program that prints
// much and calls `process.exit()` would lose most of it, as it would not in `node app.js | cat`. Node has no call for a pipe, but opens
// the named ones, which every Unix can make.

import { spawnSync } from 'node:child_process'
import { closeSync, constants, mkdtempSync, openSync, rmSync } from 'node:fs'
import { Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Readable } from 'node:stream'

interface OutputPipe {
  /** What is written comes out here, from when it is listened to. */
  readonly reader: Readable
  /** For the program; closed here when it has it. */
  readonly writeFd: number
}

/** One for each output; undefined where the system has none. */
export function openPipes(): [stdout: OutputPipe, stderr: OutputPipe] | undefined {
  const opened: number[] = []
  const open = (path: string, flags: number) => {
    const fd = openSync(path, flags)
    opened.push(fd)
    return fd
  }
  let folder: string | undefined
  try {
    folder = mkdtempSync(join(tmpdir(), 'dog-run-'))
    const paths = [join(folder, 'stdout'), join(folder, 'stderr')] as const
    if (spawnSync('mkfifo', ['-m', '600', ...paths], { stdio: 'ignore' }).status !== 0) return undefined
    // A reader does not wait for the writer, who would wait for a reader.
    const fds = paths.map((path) => ({
      readFd: open(path, constants.O_RDONLY | constants.O_NONBLOCK),
      writeFd: open(path, constants.O_WRONLY),
    }))
    const [stdout, stderr] = fds.map(({ readFd, writeFd }) => ({
      reader: new Socket({ fd: readFd, readable: true, writable: false }),
      writeFd,
    }))
    return stdout && stderr && [stdout, stderr]
  } catch {
    for (const fd of opened) closeSync(fd)
    return undefined
  } finally {
    // Both are open; their names have served.
    if (folder !== undefined) rmSync(folder, { recursive: true, force: true })
  }
}
