// Runs the program that the doctor is to look at, with tracing on and the probe in it, and collects what the probe wrote.

import { type ChildProcess, spawn } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { CliError } from '../cli-error'
import { withRequire } from '../node-options'
import { REPORT_FOLDER, type Report } from './probe'

/** What shells answer when there is no such command. */
const NOT_STARTED = 127
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

export interface WatchOptions {
  /** Ends the program so long after it has begun; undefined waits until it ends by itself or by Ctrl-C. */
  readonly forMs: number | undefined
  /** Keeps stdout free of what the program writes. */
  readonly isQuiet: boolean
}

export async function watchProgram(command: readonly string[], options: WatchOptions): Promise<Watched> {
  const [file = '', ...args] = command
  const folder = mkdtempSync(join(tmpdir(), 'dd-doctor-'))
  try {
    const child = start(file, args, folder, options.isQuiet)
    const ending = await endOf(child, file, folder, options.forMs)
    return { reports: readReports(folder), ending }
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

function start(file: string, args: string[], folder: string, isQuiet: boolean): ChildProcess {
  const here = (name: string) => join(__dirname, name)
  const given = process.env['NODE_OPTIONS']
  const withProbe = withRequire(given, here('probe.js'))
  // Who starts dd in a way of his own wants to know how that fares.
  const isOwn = [given, ...args].some((text) => OWN_PRELOAD.test(text ?? ''))
  const env = {
    ...process.env,
    NODE_OPTIONS: isOwn ? withProbe : withRequire(withProbe, here('../../register.js')),
    [REPORT_FOLDER]: folder,
  }
  try {
    return spawn(file, args, { stdio: ['inherit', isQuiet ? 2 : 'inherit', 'inherit'], env })
  } catch (error) {
    throw new CliError(`cannot run ${file}: ${(error as Error).message}`, NOT_STARTED)
  }
}

function endOf(child: ChildProcess, file: string, folder: string, forMs: number | undefined): Promise<string> {
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
    child.once('error', ({ code, message }: NodeJS.ErrnoException) => {
      done()
      const reason = code === 'ENOENT' ? 'there is no such command' : message
      reject(new CliError(`cannot run ${file}: ${reason}`, NOT_STARTED))
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
