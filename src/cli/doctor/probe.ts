// Sits in the program that the doctor watches, and writes down how its tracing fares: preloaded before `dd/init`.
//
// A file is the way out that works from every process of the program, however it ends; the doctor reads them afterwards. While the
// program runs the file is brought up to date, so that a process that is killed has left one as well.

import { mkdirSync, renameSync, writeFileSync } from 'node:fs'
import Module from 'node:module'
import { join } from 'node:path'
import { isMainThread, threadId } from 'node:worker_threads'
import { log } from '../../base/log'
import { isHooksThread } from '../../plugin/node-hooks'
import { type Diagnostics, tracer } from '../../start'

/** What the doctor tells the probe by. */
export const REPORT_FOLDER = 'DD_DOCTOR_FOLDER'

const WRITE_EVERY_MS = 200

export interface Report {
  readonly pid: number
  readonly isMainThread: boolean
  /** The program's file. */
  readonly main: string | undefined
  readonly diagnostics: Diagnostics
  /** What `dd` said on stderr. */
  readonly said: readonly string[]
  /** The libraries that were there when the program loaded `dd` by itself; undefined where it does not. */
  readonly loadedBefore: readonly string[] | undefined
}

const folder = process.env[REPORT_FOLDER]
const said: string[] = []
let loadedBefore: string[] | undefined
let written = ''

function report(): Report {
  return {
    pid: process.pid,
    isMainThread,
    main: process.argv[1],
    diagnostics: tracer.diagnostics(),
    said,
    loadedBefore,
  }
}

function write(to: string): void {
  const text = JSON.stringify(report())
  if (text === written) return
  written = text
  const file = join(to, `${process.pid}-${threadId}.json`)
  writeFileSync(`${file}.part`, text)
  renameSync(`${file}.part`, file)
}

/** The doctor loads `dd` before everything; a program that does so itself may do it too late when the doctor is gone. */
function watchForOwn(): void {
  const loader = Module as unknown as { _load(request: string, ...rest: unknown[]): unknown }
  const original = loader._load
  loader._load = function load(this: unknown, request: string, ...rest: unknown[]) {
    if (loadedBefore === undefined && /^dd(\/(init|register))?$/.test(request)) {
      const { integrations } = tracer.diagnostics()
      const found = integrations.flatMap(({ libraries }) => libraries)
      loadedBefore = found.filter(({ version }) => version !== process.version).map(({ library }) => library)
    }
    return Reflect.apply(original, this, [request, ...rest])
  }
}

// A thread that Node makes for module hooks runs nothing of the program.
if (folder !== undefined && !isHooksThread()) {
  log.configure({
    sink: (level, line) => {
      said.push(line)
      process.stderr.write(`dd${level === 'debug' ? ' debug' : ''}: ${line}\n`)
    },
  })
  watchForOwn()
  mkdirSync(folder, { recursive: true })
  setImmediate(() => write(folder))
  setInterval(() => write(folder), WRITE_EVERY_MS).unref()
  process.on('exit', () => write(folder))
}
