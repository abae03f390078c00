// Installs a Debian package for the tests, where that needs no question: as root, on a system with apt-get, which is
// what CI containers are. On anybody's laptop it does nothing but say why.

import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'
import { cleanEnv } from '../support/clean-env'
import { say } from './say'

const run = promisify(execFile)
const stepTimeoutMs = 300_000
/** apt-get waits for nobody, and several runs of the tests may want a package at once. */
const lockFile = join(tmpdir(), 'dd-test-apt.lock')

/** A file that has to be there while a package is set up and is taken away afterwards. */
export interface Setting {
  readonly path: string
  readonly text: string
}

/** Debian starts the servers it installs, on their usual ports, unless this forbids it (invoke-rc.d, "policy-rc.d"). */
const withoutStart: Setting = { path: '/usr/sbin/policy-rc.d', text: '#!/bin/sh\nexit 101\n' }

export async function installDebianPackage(name: string, setting: Setting = withoutStart): Promise<void> {
  if (process.getuid?.() !== 0) throw new Error('not root, so nothing is installed')
  if (!existsSync('/usr/bin/apt-get')) throw new Error('no apt-get')
  say(`installing the Debian package ${name} (about a minute)`)
  const apt = (...args: string[]) =>
    run('apt-get', args, { env: cleanEnv({ DEBIAN_FRONTEND: 'noninteractive' }), timeout: stepTimeoutMs })
  const unlock = await lock()
  const isOurs = !existsSync(setting.path)
  if (isOurs) {
    mkdirSync(dirname(setting.path), { recursive: true })
    writeFileSync(setting.path, setting.text, { mode: 0o755 })
  }
  try {
    await apt('update')
    await apt('install', '-y', '--no-install-recommends', name)
  } finally {
    if (isOurs) rmSync(setting.path)
    unlock()
  }
}

/** Resolves when no other run installs; what it gives lets the next one in. */
async function lock(): Promise<() => void> {
  const holder = spawn('flock', [lockFile, 'sh', '-c', 'echo; exec cat'], { stdio: ['pipe', 'pipe', 'ignore'] })
  await once(holder.stdout, 'data')
  return () => void holder.stdin.end()
}
