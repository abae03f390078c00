// `dog run -- <command>`: runs a program with tracing switched on, prints each trace as a tree, and ends as it ended.
//
// Tracing is switched on through the environment alone, so the command may be anything that ends in Node.js processes. The program's
// output is passed on as it comes, and its lines are kept as logs beside the traces; everything of ours goes to stderr.

import { once } from 'node:events'
import { constants } from 'node:os'
import { setTimeout as delay } from 'node:timers/promises'
import { isatty } from 'node:tty'
import type { LocalAgent } from '../local-agent/start-local-agent'
import type { StoredTrace, TraceListener } from '../local-agent/trace-store'
import { CliError, USAGE } from './cli-error'
import { readPort } from './number-option'
import { openAgent, openAgentAnywhere } from './open-agent'
import { openBrowser } from './open-browser'
import { ownArguments } from './own-arguments'
import { paintFor } from './paint'
import { printHelp } from './print-help'
import { QuietTraces } from './quiet-traces'
import { lastWord } from './run/last-word'
import type { OutputLogs } from './run/output-logs'
import { type Ending, endOf, startProgram } from './run/start-program'
import { traceTree } from './trace-tree'

/** What a program sends as it ends is on its way through loopback; this is ample. */
const LAST_PAYLOADS_MS = 300

const FORWARDED = ['SIGINT', 'SIGTERM'] as const

const STDIN = 0

const OPTIONS = {
  port: { type: 'string' },
  open: { type: 'boolean', default: false },
  stay: { type: 'boolean', default: false },
  'no-logs': { type: 'boolean', default: false },
  help: { type: 'boolean', short: 'h', default: false },
} as const

export async function runCommand(args: string[]): Promise<number> {
  const { port, open, stay, logs, help, command } = readArguments(args)
  if (help) return printHelp('run')
  if (command.length === 0) throw new CliError('which program? For example: dog run -- node app.js', USAGE)

  const paint = paintFor(process.stderr, process.env)
  let output: OutputLogs | undefined
  const say = (text: string) => (output ? output.say(text) : process.stderr.write(text))
  const traces = new QuietTraces<StoredTrace>((trace) => {
    const url = `${agent.url}/#/trace/${trace.id}`
    const lines = traceTree(trace, { columns: process.stderr.columns || 100, paint, url })
    say(`\n${lines.join('\n')}\n`)
  })
  const agent = await listen(port, (trace) => traces.changed(trace))
  process.stderr.write(`dog: traces appear here and on ${agent.url}\n`)
  if (open) openBrowser(agent.url)

  try {
    const program = startProgram(command, agent, logs)
    const { child } = program
    output = program.output
    const forward = (signal: NodeJS.Signals) => {
      // Ctrl+C in a terminal has reached the program already: it goes to everything that runs there.
      if (signal !== 'SIGINT' || !isatty(STDIN)) child.kill(signal)
    }
    for (const signal of FORWARDED) process.on(signal, forward)
    const ending = await endOf(child)
    await Promise.all([delay(LAST_PAYLOADS_MS), output?.end()])
    traces.flush()
    say(`${lastWord(agent, command, stay)}\n`)
    await output?.close()
    const stopped = stay ? toldToStop() : undefined
    for (const signal of FORWARDED) process.removeListener(signal, forward)
    await stopped
    return exitLike(ending)
  } finally {
    await agent.close()
  }
}

function readArguments(args: string[]) {
  const { values, rest: command } = ownArguments(args, OPTIONS)
  return {
    port: values.port === undefined ? undefined : readPort(values.port),
    open: values.open,
    stay: values.stay,
    logs: !values['no-logs'],
    help: values.help,
    command,
  }
}

/** Without a wish for a port, the usual one is only a preference. Metrics come to any free one. */
function listen(port: number | undefined, onTrace: TraceListener): Promise<LocalAgent> {
  const options = { onTrace, dogstatsdPort: 0 }
  return port === undefined ? openAgentAnywhere('dog run', options) : openAgent('dog run', { ...options, port })
}

function toldToStop(): Promise<unknown> {
  return Promise.race([once(process, 'SIGINT'), once(process, 'SIGTERM')])
}

/** A program that a signal ended is told apart from one that exited, so dog dies of that signal too. */
function exitLike({ code, signal }: Ending): number {
  if (signal === null) return code ?? 1
  process.kill(process.pid, signal)
  // Only where the signal does not end a process.
  return 128 + constants.signals[signal]
}
