// `dog run -- <command>`: runs a program with tracing switched on, prints each trace as a tree, and ends as it ended.
//
// The program keeps the terminal: its input and output are inherited, and everything of ours goes to stderr. Tracing
// is switched on through the environment alone, so the command may be anything that ends in Node.js processes.

import { type ChildProcess, spawn } from 'node:child_process'
import { constants } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { isatty } from 'node:tty'
import { parseArgs } from 'node:util'
import type { LocalAgent } from '../local-agent/start-local-agent'
import type { StoredTrace } from '../local-agent/trace-store'
import { CliError, USAGE } from './cli-error'
import { helpCommand } from './help-command'
import { withRequire } from './node-options'
import { DEFAULT_PORT, openAgent, readPort } from './open-agent'
import { paintFor } from './paint'
import { TracePrinter } from './trace-printer'
import { traceTree } from './trace-tree'

/** Soon enough to see a trace while one still looks at the page that made it. */
const FLUSH_INTERVAL_MS = 200

/** What a program sends as it ends is on its way through loopback; this is ample. */
const LAST_PAYLOADS_MS = 300

/** What shells answer when there is no such command. */
const NOT_STARTED = 127

const FORWARDED = ['SIGINT', 'SIGTERM'] as const

const STDIN = 0

interface Ending {
  readonly code: number | null
  readonly signal: NodeJS.Signals | null
}

export async function runCommand(args: string[]): Promise<number> {
  const { port, help, command } = readArguments(args)
  if (help) return helpCommand()
  const [file, ...fileArguments] = command
  if (file === undefined) throw new CliError('which program? For example: dog run -- node app.js', USAGE)

  const paint = paintFor(process.stderr, process.env)
  const printer = new TracePrinter((trace) => {
    const url = `${agent.url}/#/trace/${trace.id}`
    const lines = traceTree(trace, { columns: process.stderr.columns ?? 100, paint, url })
    process.stderr.write(`\n${lines.join('\n')}\n`)
  })
  const agent = await listen(port, (trace) => printer.changed(trace))
  process.stderr.write(`dog: traces appear here and on ${agent.url}\n`)

  try {
    const child = start(file, fileArguments, agent.url)
    const forward = (signal: NodeJS.Signals) => {
      // Ctrl+C in a terminal has reached the program already: it goes to everything that runs there.
      if (signal !== 'SIGINT' || !isatty(STDIN)) child.kill(signal)
    }
    for (const signal of FORWARDED) process.on(signal, forward)
    const ending = await endOf(child, file)
    await delay(LAST_PAYLOADS_MS)
    printer.flush()
    for (const signal of FORWARDED) process.removeListener(signal, forward)
    return exitLike(ending)
  } finally {
    await agent.close()
  }
}

/** Options of dog end where the command begins, with or without `--`. */
function readArguments(args: string[]): { port: number | undefined; help: boolean; command: string[] } {
  const options = { port: { type: 'string' }, help: { type: 'boolean', short: 'h', default: false } } as const
  const { tokens } = parseArgs({ args, options, strict: false, allowPositionals: true, tokens: true })
  const first = tokens.find(({ kind }) => kind === 'positional' || kind === 'option-terminator')
  const own = first ? args.slice(0, first.index) : args
  const { values } = parseArgs({ args: own, options })
  const command = args.slice(own.length).slice(first?.kind === 'option-terminator' ? 1 : 0)
  return { port: values.port === undefined ? undefined : readPort(values.port), help: values.help, command }
}

/** Without a wish for a port, the usual one is only a preference. */
async function listen(port: number | undefined, onTrace: (trace: StoredTrace) => void): Promise<LocalAgent> {
  if (port !== undefined) return await openAgent('dog run', { port, onTrace })
  return await openAgent('dog run', { port: DEFAULT_PORT, onTrace }).catch(() =>
    openAgent('dog run', { port: 0, onTrace }),
  )
}

function start(file: string, args: string[], agentUrl: string): ChildProcess {
  try {
    return spawn(file, args, { stdio: 'inherit', env: environment(agentUrl) })
  } catch (error) {
    throw cannotRun(file, (error as Error).message)
  }
}

function environment(agentUrl: string): NodeJS.ProcessEnv {
  return {
    ...process.env,
    NODE_OPTIONS: withRequire(process.env['NODE_OPTIONS'], join(__dirname, '..', 'register.js')),
    DD_TRACE_AGENT_URL: agentUrl,
    DD_TRACE_FLUSH_INTERVAL: process.env['DD_TRACE_FLUSH_INTERVAL'] ?? String(FLUSH_INTERVAL_MS),
  }
}

function endOf(child: ChildProcess, file: string): Promise<Ending> {
  return new Promise((resolve, reject) => {
    child.once('error', ({ code, message }: NodeJS.ErrnoException) => {
      reject(cannotRun(file, code === 'ENOENT' ? 'there is no such command' : message))
    })
    child.once('exit', (code, signal) => resolve({ code, signal }))
  })
}

function cannotRun(file: string, reason: string): CliError {
  return new CliError(`cannot run ${file}: ${reason}`, NOT_STARTED)
}

/** A program that a signal ended is told apart from one that exited, so dog dies of that signal too. */
function exitLike({ code, signal }: Ending): number {
  if (signal === null) return code ?? 1
  process.kill(process.pid, signal)
  // Only where the signal does not end a process.
  return 128 + constants.signals[signal]
}
