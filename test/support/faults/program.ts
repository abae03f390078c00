// A program of many tasks. Without `dd` it does each of them and prints what came of it. With a copy of `dd` made by `instrument.ts`
// it does the same, then notes which functions of `dd` each task reaches, and does a task once more for each of them that it is told
// to let fail, with that function failing.
//
// Arguments: the file of the tasks, the folder of the libraries, the file with the plan (`Plan`).

import { lookup } from 'node:dns/promises'
import { readFileSync, statSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import type { log as Log } from '../../../src/base/log'
import type * as Start from '../../../src/start'
import type { Pin as PinClass } from '../../../src/trace/pin'
import { type Failing, fault, UNFIT } from './fault'
import type { Place } from './instrument'

// biome-ignore lint/suspicious/noExplicitAny: libraries, of which a test need not know the types
export type Need = (name: string) => any
/** Does something, the same each time, and returns what came of it. */
export type Task = () => unknown
export interface Tasks {
  readonly tasks: Readonly<Record<string, Task>>
  close(): unknown
  /** After a round in which the start may have failed. */
  repair?(): unknown
}
/** What a file of tasks exports. `dd` is undefined in the run without it. */
export type MakeTasks = (need: Need, dd: Dd | undefined) => Promise<Tasks> | Tasks

export interface Dd {
  readonly folder: string
  readonly tracer: Start.DatadogTracer
  readonly log: typeof Log
  /** Puts a pin on an object. */
  pin(target: object): void
}

export interface Plan {
  /** Of the copy of `dd`. */
  readonly folder: string
  readonly places: readonly Place[]
  /** Which function fails in each round, and how. */
  readonly cases: readonly { readonly id: number; readonly how: Failing }[]
  /** What came of the tasks without `dd`, as JSON. */
  readonly expected: Readonly<Record<string, string>>
  /** The rounds before this one have been made. */
  readonly skip: number
  /** Of several processes each makes its part. */
  readonly part: number
  readonly parts: number
}

/** What came of one round. */
export interface Round {
  readonly round: number
  readonly id: number
  readonly how: Failing
  readonly task: string
  /** How often the function has failed; 0: this task does not reach it any more. */
  readonly times: number
  /** What was not as without `dd`. */
  readonly wrong: readonly string[]
  /** What `dd` said. */
  readonly said: readonly string[]
}

const TIMEOUT_MS = 8000
const ANEW = 'all patched anew'
/** What a start leaves behind that could not be undone, because of a fault, must not pile up. */
const MAX_RESTARTS = 40
/** In how many tasks a function of a plugin fails: what it spoils may not show in all of them. */
const TASKS_OF_PLUGIN = 2

const unhandled: string[] = []
process.on('uncaughtException', (error) => unhandled.push(`uncaught ${text(error)}`))
process.on('unhandledRejection', (error) => unhandled.push(`unhandled ${text(error)}`))

function text(error: unknown): string {
  return error instanceof Error ? String(error.stack) : String(error)
}

function say(line: object): void {
  process.stdout.write(`${JSON.stringify(line)}\n`)
}

const turn = () => new Promise<void>((resolve) => setImmediate(resolve))

async function outcome(task: Task): Promise<string> {
  let timer: NodeJS.Timeout | undefined
  const expiry = new Promise<string>((resolve) => {
    timer = setTimeout(() => resolve('it hangs'), TIMEOUT_MS)
  })
  const run = async () => {
    try {
      return JSON.stringify(await task()) ?? 'undefined'
    } catch (error) {
      return `it failed: ${text(error)}`
    }
  }
  const result = await Promise.race([run(), expiry])
  clearTimeout(timer)
  await turn()
  await turn()
  return result
}

async function main(): Promise<void> {
  const [tasksFile = '', folder = '', planFile] = process.argv.slice(2)
  const plan = planFile === undefined ? undefined : (JSON.parse(readFileSync(planFile, 'utf8')) as Plan)
  const dd = plan && preloaded(plan)
  const need = createRequire(join(folder, 'package.json')) as Need
  const { make } = require(tasksFile) as { make: MakeTasks }
  const made = await make(need, dd)
  const tasks = dd === undefined ? made.tasks : { ...made.tasks, [ANEW]: patchAnew(dd, made.tasks) }
  const results: Record<string, string> = {}
  // Twice: the first one opens connections.
  const names = Object.keys(made.tasks)
  for (const name of [...names, ...names]) results[name] = await outcome(tasks[name]!)
  say({ results, unhandled: unhandled.splice(0) })
  if (dd !== undefined && plan !== undefined) await makeRounds(plan, dd, { ...made, tasks })
  await made.close()
  // What has failed may have left something open.
  if (plan !== undefined) process.exit()
}

/** The plugin that fails: tasks begin with the name of the file or folder of theirs. */
let failing = ''

function pluginOf({ file }: Place): string {
  return /^plugins\/([^/.]+)/.exec(file)?.[1] ?? ''
}

/** Undoes all patches and makes them again, and does a task of each library, or only of that of the plugin that fails. */
function patchAnew(dd: Dd, tasks: Tasks['tasks']): Task {
  const firsts = new Map(Object.entries(tasks).map(([name, task]) => [name.split(' ')[0], [name, task] as const]))
  return async () => {
    patchAgain(dd)
    const results: Record<string, string> = {}
    const own = firsts.get(failing)
    for (const [name, task] of own === undefined ? firsts.values() : [own]) {
      if (!/anew$/.test(name)) results[name] = await outcome(task)
    }
    return results
  }
}

function patchAgain({ folder }: Dd): void {
  const { patchAll, unpatchAll } = require(join(folder, 'src', 'start.js')) as typeof Start
  unpatchAll()
  patchAll()
}

function preloaded({ folder }: Plan): Dd {
  const { tracer } = require(join(folder, 'src', 'start.js')) as { tracer: Start.DatadogTracer }
  const { log } = require(join(folder, 'src', 'base', 'log.js')) as { log: typeof Log }
  const { Pin } = require(join(folder, 'src', 'trace', 'pin.js')) as { Pin: typeof PinClass }
  const pin = new Pin({ service: 'pinned', tags: { pinned: 'yes' } })
  return { folder, tracer, log, pin: (target) => void pin.onto(target) }
}

/** Which tasks reach a function, the quickest first. */
async function findTasks(tasks: Tasks['tasks']): Promise<Map<number, string[]>> {
  const found = new Map<number, [string, number][]>()
  for (const [name, task] of Object.entries(tasks)) {
    fault.seen = new Set()
    const startMs = performance.now()
    await outcome(task)
    const tookMs = performance.now() - startMs
    for (const id of fault.seen) found.set(id, [...(found.get(id) ?? []), [name, tookMs]])
    fault.seen = undefined
  }
  return new Map([...found].map(([id, list]) => [id, list.sort(([, a], [, b]) => a - b).map(([name]) => name)]))
}

async function makeRounds(
  { places, cases, expected, skip, part, parts }: Plan,
  dd: Dd,
  { tasks, repair }: Tasks,
): Promise<void> {
  const tasksOf = await findTasks(tasks)
  const anew = new Map<string, string>()
  let restarts = 0
  let isHalfPatched = false
  for (const [round, { id, how }] of cases.entries()) {
    if (round < skip || round % parts !== part) continue
    const place = places[id]!
    failing = pluginOf(place)
    let hasFailed = false
    let left = failing !== '' && how === 'error' ? TASKS_OF_PLUGIN : 1
    for (const name of tasksOf.get(id) ?? []) {
      const task = tasks[name]!
      // Where it has failed already, to patch everything shows nothing more.
      if (name === ANEW && hasFailed) break
      if (name === ANEW && !anew.has(failing)) anew.set(failing, await outcome(task))
      const wanted = name === ANEW ? anew.get(failing) : expected[name]
      // It patches anew by itself.
      if (isHalfPatched && name !== ANEW) {
        isHalfPatched = false
        patchAgain(dd)
      }
      say({ begin: round })
      const times = await makeRound({ round, id, how, task: name }, task, wanted, dd)
      isHalfPatched ||= name === ANEW
      const isRestarted = !dd.tracer.isEnabled || /anew$/.test(name)
      if (isRestarted) {
        restarts++
        await repair?.()
      }
      if (failing === '') {
        await witness(dd.tracer, round)
        await dd.tracer.flush()
      }
      hasFailed ||= times > 0
      if (times > 0 && --left === 0) break
    }
    if (restarts >= MAX_RESTARTS) {
      await dd.tracer.flush()
      process.exit(UNFIT)
    }
  }
  await dd.tracer.flush()
}

/** Returns how often the function has failed. */
async function makeRound(
  about: Pick<Round, 'round' | 'id' | 'how' | 'task'>,
  task: Task,
  wanted: string | undefined,
  { log, tracer }: Dd,
): Promise<number> {
  const said: string[] = []
  log.reset()
  log.configure({ sink: (_level, line) => void said.push(line) })
  unhandled.length = 0
  fault.begin(about.id, about.how)
  const got = await outcome(task)
  // Other plugins keep working, also while the fault is there.
  if (failing !== '') await witness(tracer, about.round)
  fault.end()
  const { times } = fault
  const wrong = [...(got === wanted ? [] : [`it gave ${got}, not ${wanted}`]), ...unhandled]
  say({ ...about, times, wrong, said } satisfies Round)
  if (wrong.length > 0 && (await outcome(task)) !== wanted) process.exit(UNFIT)
  return times
}

/** Two plugins, one of which is another than the one that fails. */
async function witness(tracer: Start.DatadogTracer, round: number): Promise<void> {
  await tracer.trace('witness', { resource: `round ${round}` }, async () => {
    statSync(__filename)
    await lookup('127.0.0.1')
  })
}

main().catch((error) => {
  console.error(error)
  process.exitCode = 1
})
