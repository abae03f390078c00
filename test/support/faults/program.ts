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
import { type Failing, fault } from './fault'
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
  /** Those that may fail, in turn. */
  readonly ids: readonly number[]
  readonly hows: readonly Failing[]
  /** What came of the tasks without `dd`, as JSON. */
  readonly expected: Readonly<Record<string, string>>
  /** How many rounds have been made by a program before this one. */
  readonly skip: number
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

const TIMEOUT_MS = 2000
const ANEW = 'all patched anew'
/** In how many tasks a function of a plugin fails: what it spoils may not show in all of them. */
const TASKS_OF_PLUGIN = 3
/** The program has said what was wrong, and is no longer fit for more. */
export const UNFIT = 3

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
  const { patchAll, unpatchAll } = require(join(dd.folder, 'src', 'start.js')) as typeof Start
  const firsts = new Map(Object.entries(tasks).map(([name, task]) => [name.split(' ')[0], [name, task] as const]))
  return async () => {
    unpatchAll()
    patchAll()
    const results: Record<string, string> = {}
    const own = firsts.get(failing)
    for (const [name, task] of own === undefined ? firsts.values() : [own]) {
      if (!/anew$/.test(name)) results[name] = await outcome(task)
    }
    return results
  }
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
  { places, ids, hows, expected, skip }: Plan,
  dd: Dd,
  { tasks, repair }: Tasks,
): Promise<void> {
  const { tracer, log } = dd
  const said: string[] = []
  const listen = () => {
    log.reset()
    log.configure({ sink: (_level, line) => void said.push(line) })
    said.length = 0
  }
  const tasksOf = await findTasks(tasks)
  const anew = new Map<string, string>()
  say({ reached: ids.filter((id) => tasksOf.has(id)) })
  let round = -1
  for (const id of ids) {
    for (const how of hows) {
      if (++round < skip) continue
      const isOfPlugin = places[id]!.file.startsWith('plugins/')
      const candidates = tasksOf.get(id) ?? []
      let left = isOfPlugin ? TASKS_OF_PLUGIN : 1
      for (const name of candidates) {
        const task = tasks[name]!
        say({ begin: round })
        listen()
        unhandled.length = 0
        const wrong: string[] = []
        failing = pluginOf(places[id]!)
        if (name === ANEW && !anew.has(failing)) anew.set(failing, await outcome(task))
        const wanted = name === ANEW ? anew.get(failing) : expected[name]
        said.length = 0
        fault.begin(id, how)
        const got = await outcome(task)
        // Other plugins keep working, also while the fault is there.
        if (isOfPlugin) await witness(tracer, round)
        fault.end()
        if (got !== wanted) wrong.push(`${name} gave ${got}`)
        wrong.push(...unhandled.splice(0))
        const { times } = fault
        say({ round, id, how, task: name, times, wrong, said: [...said] } satisfies Round)
        if (name === ANEW) await task()
        if (!tracer.isEnabled || /anew$/.test(name)) await repair?.()
        if (!isOfPlugin) await witness(tracer, round)
        if (wrong.length > 0) {
          const after = await outcome(task)
          if (after !== wanted) process.exit(UNFIT)
        }
        if (times > 0 && --left === 0) break
      }
    }
  }
  await tracer.flush()
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
