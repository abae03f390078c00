// Runs the program that the doctor is to look at, with tracing on and the probe in it, and collects what the probe wrote.

import type { ChildProcess } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { withRequire } from '../node-options'
import { cannotRun, spawnCommand } from '../spawn-command'
import { REPORT_FOLDER, type Report } from './probe'

/** `--require dd/init`, `--import=file:///…/dd/dist/src/register.js` */
const OWN_PRELOAD = /(^|[\s=/\\"])(dd|src)[/\\](init|register)(\.js)?("|\s|$)/
/** How often the probe's first word is looked for. */
const LOOK_EVERY_MS = 50
/** A program that does not end when asked to is ended. */
const PATIENCE_MS = 5000

export interface Watched {
  readonly reports: readonly Report[]
  /** How it ended, in words. */
  readonly ending: string
}

interface WatchOptions {
  /** Ends the program so long after it has begun; undefined waits until it ends by itself or by Ctrl+C. */
  readonly forMs: number | undefined
  /** Keeps stdout free of what the program writes. */
  readonly isQuiet: boolean
}

export async function watchProgram(command: readonly string[], options: WatchOptions): Promise<Watched> {
  const folder = mkdtempSync(join(tmpdir(), 'dd-doctor-'))
  try {
    const child = start(command, folder, options.isQuiet)
    const ending = await endOf(child, folder, options.forMs)
    return { reports: readReports(folder), ending }
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

function start(command: readonly string[], folder: string, isQuiet: boolean): ChildProcess {
  const here = (name: string) => join(__dirname, name)
  const given = process.env['NODE_OPTIONS']
  const withProbe = withRequire(given, here('probe.js'))
  // Who starts dd in a way of his own wants to know how that fares.
  const isOwn = [given, ...command.slice(1)].some((text) => OWN_PRELOAD.test(text ?? ''))
  const env = {
    ...process.env,
    NODE_OPTIONS: isOwn ? withProbe : withRequire(withProbe, here('../../register.js')),
    [REPORT_FOLDER]: folder,
  }
  return spawnCommand(command, { stdio: ['inherit', isQuiet ? 2 : 'inherit', 'inherit'], env })
}

function endOf(child: ChildProcess, folder: string, forMs: number | undefined): Promise<string> {
  return new Promise((resolve, reject) => {
    let wasStopped = false
    const stop = (signal: NodeJS.Signals) => {
      wasStopped = true
      child.kill(signal)
      setTimeout(() => child.kill('SIGKILL'), PATIENCE_MS).unref()
    }
    const interrupt = () => stop('SIGINT')
    const terminate = () => stop('SIGTERM')
    let timer: NodeJS.Timeout | undefined
    // Node needs longer to start on a busy machine than somebody may want to look at the program.
    const start = setInterval(() => {
      if (timer !== undefined || forMs === undefined || readdirSync(folder).length === 0) return
      timer = setTimeout(terminate, forMs)
    }, LOOK_EVERY_MS)
    process.on('SIGINT', interrupt)
    process.on('SIGTERM', terminate)
    const done = () => {
      clearInterval(start)
      clearTimeout(timer)
      process.removeListener('SIGINT', interrupt)
      process.removeListener('SIGTERM', terminate)
    }
    child.once('error', (error) => {
      done()
      reject(cannotRun(child.spawnfile, error))
    })
    child.once('exit', (code, signal) => {
      done()
      if (wasStopped) resolve('stopped by the doctor')
      else resolve(signal === null ? `exit code ${code}` : `ended by ${signal}`)
    })
  })
}

function readReports(folder: string): Report[] {
  return readdirSync(folder)
    .filter((name) => name.endsWith('.json'))
    .map((name) => JSON.parse(readFileSync(join(folder, name), 'utf8')) as Report)
}
