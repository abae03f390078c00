// Starts a server program on a free loopback port and gives it out when it answers. `fromDebian` installs the program first where
// it is missing.

import { existsSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import { installDebianPackage } from './debian-package'
import { untilAnswers } from './greeting'
import type { Place } from './places'
import { type ServerOptions, type ServerProcess, startServerProcess } from './server-process'
import type { RunningService } from './service'

/** For a server that was just started; JVMs on a busy machine take 20 s. */
const PATIENCE_MS = 60_000

interface LocalServer extends ServerOptions {
  readonly url: string
  readonly from: string
  /** Proves that the server answers; asked until it does. */
  version(server: ServerProcess): Promise<string>
}

export async function startLocalServer({ url, from, version, ...options }: LocalServer): Promise<RunningService> {
  const server = startServerProcess(options)
  const ended = new AbortController()
  server.failed.catch(() => ended.abort())
  try {
    const answer = untilAnswers(() => version(server), PATIENCE_MS, ended.signal)
    return { url, version: await Promise.race([answer, server.failed]), from, concurrent: true, stop: server.stop }
  } catch (error) {
    await server.stop()
    throw error
  }
}

const FOLDERS = ['/usr/sbin', '/usr/local/sbin', ...(process.env['PATH'] ?? '').split(delimiter)]

/** The whole path of an installed program. */
export function programPath(name: string): string | undefined {
  return FOLDERS.map((folder) => join(folder, name)).find((path) => existsSync(path))
}

/** Two places: the program as it is installed here, and the Debian package that has it. */
export function fromDebian(
  program: string,
  debianPackage: string,
  launch: (path: string, from: string) => Promise<RunningService>,
): readonly Place[] {
  return [
    [
      'installed program',
      async () => {
        const path = programPath(program)
        if (path === undefined) throw new Error(`no ${program}`)
        return launch(path, path)
      },
    ],
    [
      'Debian package',
      async () => {
        await installDebianPackage(debianPackage)
        const path = programPath(program)
        if (path === undefined) throw new Error(`it was installed without ${program}`)
        return launch(path, `Debian package ${debianPackage}`)
      },
    ],
  ]
}
