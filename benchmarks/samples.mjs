// Keeps what was measured, a file for each question and Node, so that a page can be made of parts measured at different times.

import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { cpus, release, totalmem, type } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describePeers } from './peers.mjs'

const here = dirname(fileURLToPath(import.meta.url))
/** Ignored by git. */
const folder = join(here, '.samples')

const fileOf = (question, major) => join(folder, `${question}-node${major}.json`)

/** @param measured `{ question, node, major, rounds, seconds, load, samples, skipped }` */
export function keep(measured) {
  mkdirSync(folder, { recursive: true })
  const file = fileOf(measured.question, measured.major)
  const about = { date: new Date().toISOString(), machine: machine(), commit: commit(), peers: describePeers() }
  // In one step: a run that is cut off leaves the old samples.
  writeFileSync(`${file}.new`, JSON.stringify({ ...measured, ...about }))
  renameSync(`${file}.new`, file)
}

/** What was kept, or undefined. */
export function kept(question, major) {
  const file = fileOf(question, major)
  return existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : undefined
}

export function machine() {
  const gigabytes = Math.round(totalmem() / 2 ** 30)
  return `${type()} ${release()}, ${cpus().length} × ${cpus()[0].model.trim()}, ${gigabytes} GiB`
}

/** Of `dd`; with a `+` where files were changed since. */
function commit() {
  const git = (...args) => execFileSync('git', args, { cwd: here, encoding: 'utf8', stdio: 'pipe' }).trim()
  try {
    const changed = git('status', '--porcelain', '--untracked-files=no', '../src', '../plugins')
    return git('rev-parse', '--short', 'HEAD') + (changed === '' ? '' : '+')
  } catch {
    return 'no commit'
  }
}
