// Commands by Node's own `child_process`: a span from the start of a process to its end. Off by default.
//
// Whatever is called, a process that is not waited for is started by the `spawn` of `ChildProcess`; what waits goes through one of
// three functions that know nothing of each other.

import type { ChildProcess, SpawnSyncReturns } from 'node:child_process'
import { basename } from 'node:path'
import {
  type AnyFunction,
  type CallStart,
  definePlugin,
  type Operation,
  type Patcher,
  type Span,
} from '../../src/plugin'
import { lineText, wordsText } from './command-text'

interface Module {
  readonly ChildProcess: { readonly prototype: ChildProcess & { spawn: AnyFunction } }
  spawnSync: AnyFunction
  execFileSync: AnyFunction
  execSync: AnyFunction
}

/** As Node has put them in order: the arguments begin with the program itself, or are those of the shell. */
interface SpawnOptions {
  readonly file?: unknown
  readonly args?: readonly unknown[]
  readonly shell?: unknown
}

const common = { name: 'command_execution', type: 'system', kind: 'internal', activate: false } as const

function start(file: unknown, args: readonly unknown[], shell: unknown): CallStart {
  const { text, isCut } = shell ? lineText([file, ...args].join(' ')) : wordsText([file, ...args])
  return {
    resource: shell ? 'sh' : basename(String(file)),
    tags: {
      component: 'subprocess',
      [shell ? 'cmd.shell' : 'cmd.exec']: text,
      'cmd.truncated': isCut ? 'true' : undefined,
    },
  }
}

const finish = (span: Span, code: number | null | undefined) => {
  // Below zero: there is no process.
  if (typeof code === 'number' && code >= 0) span.put('cmd.exit_code', String(code))
}

const processes: Operation<ChildProcess, [options: SpawnOptions | undefined]> = {
  ...common,
  start(child, [options]) {
    if (typeof options?.file !== 'string') return undefined
    const { file, args = [file], shell } = options
    const described = shell ? start(args.at(-1), [], true) : start(file, args.slice(1), false)
    return { ...described, until: { emitter: child, events: ['exit', 'close'] } }
  },
  finish: (span, child) => finish(span, (child as ChildProcess | undefined)?.exitCode),
}

type FileArgs = [file: unknown, args?: unknown, options?: unknown]

const waiting: Operation<Module, FileArgs> = {
  ...common,
  start(_module, [file, second, third]) {
    const args = Array.isArray(second) ? second : []
    const options = (Array.isArray(second) ? third : (second ?? third)) as SpawnOptions | null | undefined
    return start(file, args, options?.shell)
  },
  finish(span, result) {
    const { status, error } = (result ?? {}) as Partial<SpawnSyncReturns<unknown>>
    if (error !== undefined) span.setError(error)
    finish(span, status)
  },
}

/** These give what the process wrote, and throw where it fails. */
const throwing: Operation<Module, FileArgs> = {
  ...waiting,
  finish: (span, _output, _args, error) =>
    finish(span, error === undefined ? 0 : (error as Partial<SpawnSyncReturns<unknown>>).status),
}

const lines: Operation<Module, FileArgs> = { ...throwing, start: (_module, [line]) => start(line, [], true) }

function traceCommands(module: Module, patcher: Patcher): void {
  const { prototype } = module.ChildProcess
  patcher.trace(prototype, 'spawn', processes as Operation<typeof prototype, [options: SpawnOptions | undefined]>)
  patcher.bindEvents(prototype as unknown as Parameters<Patcher['bindEvents']>[0])
  patcher.trace(module, 'spawnSync', waiting)
  patcher.trace(module, 'execFileSync', throwing)
  patcher.trace(module, 'execSync', lines)
}

export default definePlugin({ name: 'child_process', hooks: [{ module: 'child_process', patch: traceCommands }] })
