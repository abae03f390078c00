// `dog doctor [-- <command>]`: says what is traced, what is not and why; whether the Agent answers; what became of the traces.
//
// Without a command it looks at the settings and the Agent alone. It fails where something is wrong, so that a script can ask.

import { dirname } from 'node:path'
import { plugins } from '../../../plugins'
import { log } from '../../base/log'
import { OWN_VERSION } from '../../base/own-version'
import { agentUrl } from '../../config/agent-url'
import { type Config, readConfig } from '../../config/config'
import { otherVariables } from '../../config/other-variables'
import { packageDependencies } from '../../config/package-json'
import { type AgentAnswer, askAgent } from '../ask-agent'
import { CliError, USAGE } from '../cli-error'
import { ownArguments } from '../own-arguments'
import { paintFor } from '../paint'
import { printHelp } from '../print-help'
import { examineAgent, examineProgram, examineSettings, examineSpans } from './examine'
import type { Finding } from './finding'
import { printFindings } from './print-findings'
import { type Watched, watchProgram } from './watched-program'

const OPTIONS = {
  json: { type: 'boolean', default: false },
  for: { type: 'string' },
  help: { type: 'boolean', short: 'h', default: false },
} as const

export async function doctorCommand(args: string[]): Promise<number> {
  const { json, forMs, help, command } = readArguments(args)
  if (help) return printHelp('doctor')
  const said: string[] = []
  log.configure({ sink: (_level, line) => said.push(line) })
  const config = readConfig()
  const url = agentUrl(config)
  const answer = await askAgent(url)
  const program = command.length === 0 ? undefined : await watchProgram(command, { forMs, isQuiet: json })
  const names = plugins.map(({ name }) => name)
  const findings = [
    ...examineSettings(said, otherVariables(process.env, names)),
    { about: 'settings', severity: 'good', text: unified(program, config) } as const,
    ...examineAgent(answer),
    ...(program === undefined ? [] : examineRun(program, command, said)),
  ]
  if (json) process.stdout.write(`${JSON.stringify(asJson(config, answer, program, findings), undefined, 2)}\n`)
  else {
    const heading = `dd ${OWN_VERSION}, Node.js ${process.version}`
    const lines = [heading, ...printFindings(findings, paintFor(process.stdout, process.env))]
    process.stdout.write(`${lines.join('\n')}\n`)
  }
  return findings.some(({ severity }) => severity === 'wrong') ? 1 : 0
}

function readArguments(args: string[]) {
  const { values, rest: command } = ownArguments(args, OPTIONS)
  const seconds = values.for === undefined ? undefined : Number(values.for)
  if (seconds !== undefined && !(seconds > 0 && seconds <= 3600)) {
    throw new CliError(`--for takes a number of seconds up to 3600, not ${values.for}`, USAGE)
  }
  return {
    json: values.json,
    help: values.help,
    forMs: seconds === undefined ? undefined : seconds * 1000,
    command,
  }
}

/** As the program sees them, whose package.json may not be the one here. */
function unified(program: Watched | undefined, config: Config): string {
  const seen = program?.reports.find(({ isMainThread, diagnostics }) => isMainThread && diagnostics.isEnabled)
  const { service, env, version } =
    seen === undefined ? config : { ...seen.diagnostics, version: seen.diagnostics.serviceVersion }
  return [`service ${service}`, env && `env ${env}`, version && `version ${version}`].filter(Boolean).join(', ')
}

function examineRun({ reports, ending }: Watched, command: readonly string[], said: readonly string[]): Finding[] {
  const main = reports.find(({ isMainThread, main }) => isMainThread && main !== undefined)?.main
  const dependencies = packageDependencies(main === undefined ? undefined : dirname(main))
  return [
    { about: 'program', severity: 'good', text: `${command.join(' ')} (${ending})` },
    ...examineProgram(reports, dependencies, said),
    ...examineSpans(reports),
  ]
}

function asJson(
  { service, env, version }: Config,
  agent: AgentAnswer,
  program: Watched | undefined,
  findings: readonly Finding[],
): object {
  return {
    dd: OWN_VERSION,
    node: process.version,
    service,
    env,
    version,
    agent,
    program: program && { ending: program.ending, processes: program.reports },
    findings,
    isHealthy: !findings.some(({ severity }) => severity === 'wrong'),
  }
}
