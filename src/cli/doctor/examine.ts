// Turns what was seen of the settings, the Agent and the program into findings: the doctor's knowledge, and no more than that.

import type { OtherVariable } from '../../config/other-variables'
import type { Integration } from '../../plugin/sightings'
import type { AgentAnswer } from '../ask-agent'
import type { Finding, Severity } from './finding'
import type { Report } from './probe'

/** What `dd` says when a setting is merely unused. */
const MERELY_UNUSED = /^dd does not read|has no effect/

export function examineSettings(said: readonly string[], others: readonly OtherVariable[]): Finding[] {
  const about = 'settings'
  const spoken = said.map((text): Finding => ({ about, severity: MERELY_UNUSED.test(text) ? 'note' : 'wrong', text }))
  const misspelt = others.filter(({ meant }) => meant !== undefined)
  const unused = others.filter(({ meant }) => meant === undefined).map(({ name }) => name)
  return [
    ...spoken,
    ...misspelt.map(
      ({ name, meant }): Finding => ({
        about,
        severity: 'wrong',
        text: `${name} is no setting`,
        advice: `did you mean ${meant}?`,
      }),
    ),
    ...(unused.length === 0
      ? []
      : [{ about, severity: 'note', text: `without effect on tracing: ${unused.join(', ')}` } as const]),
  ]
}

export function examineAgent({ url, status, problem, version, endpoints }: AgentAnswer): Finding[] {
  const about = 'agent'
  if (problem !== undefined) {
    const advice = 'start one (`dog agent` is one), or say where it is: DD_TRACE_AGENT_URL=http://host:8126'
    return [{ about, severity: 'wrong', text: `no Agent answers at ${url} (${problem})`, advice }]
  }
  if (status === 404) {
    return [{ about, severity: 'note', text: `something at ${url} answers, but not as an Agent since 7.28 does` }]
  }
  const takesTraces = endpoints.length === 0 || endpoints.some((path) => /^\/v0\.[45]\/traces$/.test(path))
  const text = `${url} answers: ${version === undefined ? 'an Agent' : `Agent ${version}`}`
  return [
    takesTraces
      ? { about, severity: 'good', text }
      : { about, severity: 'wrong', text: `${text}, which takes no traces`, advice: 'set apm_config.enabled there' },
  ]
}

/**
 * @param dependencies what the program's package.json names
 * @param saidBefore what is known of the settings already
 */
export function examineProgram(
  reports: readonly Report[],
  dependencies: ReadonlySet<string>,
  saidBefore: readonly string[],
): Finding[] {
  if (reports.length === 0) {
    const advice = 'is it a Node.js program? Does it clear NODE_OPTIONS?'
    return [{ about: 'program', severity: 'wrong', text: '`dd` was not loaded in it', advice }]
  }
  const main = reports.filter(({ diagnostics }) => diagnostics.isEnabled)
  if (main.length === 0) {
    const advice = 'look for DD_TRACE_ENABLED, DD_APM_TRACING_ENABLED, OTEL_TRACES_EXPORTER, OTEL_SDK_DISABLED'
    return [{ about: 'program', severity: 'wrong', text: 'tracing is turned off by a setting', advice }]
  }
  return [
    ...main.flatMap(examineOrder),
    ...examineLibraries(merged(main), dependencies),
    ...main
      .flatMap(({ said }) => said)
      .filter((text) => !saidBefore.includes(text) && !isToldOtherwise(text, main))
      .map((text): Finding => ({ about: 'program', severity: 'wrong', text })),
  ].filter(isFirst)
}

/** What a library suffered is told with the library, and a drop of traces with the traces. */
function isToldOtherwise(text: string, reports: readonly Report[]): boolean {
  const libraries = reports.flatMap(({ diagnostics }) => diagnostics.integrations).flatMap(({ libraries: all }) => all)
  return (
    libraries.some(
      ({ library, problem, isLate }) => problem === text || (isLate && text.startsWith(`${library} was `)),
    ) || text.startsWith('traces cannot be sent')
  )
}

function examineOrder({ loadedBefore, main }: Report): Finding[] {
  if (loadedBefore === undefined || loadedBefore.length === 0) return []
  const libraries = [...new Set(loadedBefore)].join(', ')
  return [
    {
      about: 'program',
      severity: 'wrong',
      text: `${main ?? 'the program'} loads dd after ${libraries}; the doctor loaded it before`,
      advice: 'load dd first: node --require dd/init',
    },
  ]
}

function examineLibraries(integrations: readonly Integration[], dependencies: ReadonlySet<string>): Finding[] {
  const about = 'library'
  const findings: Finding[] = []
  const add = (severity: Severity, text: string, advice?: string) =>
    findings.push(advice === undefined ? { about, severity, text } : { about, severity, text, advice })
  const waiting: string[] = []
  const off = new Map<string, string[]>()
  for (const { name, state, reason, libraries } of integrations) {
    for (const { library, version, outcome, isLate, problem } of libraries) {
      if (outcome !== 'traced') add('wrong', problem ?? `${library} ${version} is not traced`)
      else if (isLate) add('note', `${library} ${version} is traced, though it was loaded before dd`)
      else if (version !== process.version) add('good', `${library} ${version} is traced`)
    }
    if (state === 'off') {
      if (reason !== undefined) off.set(reason, [...(off.get(reason) ?? []), name])
    } else if (state === 'waiting' && dependencies.has(name)) {
      add('note', `${name} is among the dependencies, but was not loaded in this run`)
    } else if (state === 'waiting') waiting.push(name)
  }
  const builtin = new Set(integrations.flatMap(({ libraries }) => libraries.filter(isOfNode)).map((one) => one.library))
  if (builtin.size > 0) add('good', `of Node.js: ${[...builtin].join(', ')}`)
  for (const [reason, names] of off) add('note', `not traced, because ${reason}: ${names.join(', ')}`)
  if (waiting.length > 0) add('note', `not required by the program: ${waiting.join(', ')}`)
  return findings
}

function isOfNode({ version }: { version: string }): boolean {
  return version === process.version
}

/** What happened to the spans. */
export function examineSpans(reports: readonly Report[]): Finding[] {
  const about = 'spans'
  const all = reports.map(({ diagnostics }) => diagnostics.traces).filter((traces) => traces !== undefined)
  const sum = (of: (traces: (typeof all)[number]) => number) => all.reduce((total, traces) => total + of(traces), 0)
  const [sent, dropped] = [sum(({ sentSpans }) => sentSpans), sum(({ droppedSpans }) => droppedSpans)]
  const [rejected, withheld] = [sum(({ rejectedSpans }) => rejectedSpans), sum(({ withheldSpans }) => withheldSpans)]
  const findings: Finding[] = []
  if (sent > 0) findings.push({ about, severity: 'good', text: `${counted(sent)} sent` })
  if (dropped > 0) {
    const reasons = [...new Set(all.flatMap(({ dropReasons }) => Object.keys(dropReasons)))].join(', ')
    findings.push({ about, severity: 'wrong', text: `${counted(dropped)} dropped (${reasons})` })
  }
  if (rejected > 0) {
    const how = withheld > 0 ? `, ${withheld} of them counted here and not sent` : ', and sent with that mark'
    findings.push({ about, severity: 'note', text: `${counted(rejected)} rejected by sampling${how}` })
  }
  if (sent + dropped + withheld === 0) {
    const advice = 'a server makes them when it is asked something: keep it running with --for <seconds>'
    findings.push({ about, severity: 'note', text: 'the program made no spans in this run', advice })
  }
  return findings
}

function counted(spans: number): string {
  return spans === 1 ? '1 span was' : `${spans} spans were`
}

/** Of several processes, a plugin that found something in one is on. */
function merged(reports: readonly Report[]): Integration[] {
  const byName = new Map<string, Integration>()
  for (const { diagnostics } of reports) {
    for (const integration of diagnostics.integrations) {
      const known = byName.get(integration.name)
      const libraries = [...(known?.libraries ?? []), ...integration.libraries]
      const isOn = known?.state === 'on' || integration.state === 'on'
      byName.set(integration.name, { ...integration, state: isOn ? 'on' : integration.state, libraries })
    }
  }
  return [...byName.values()]
}

function isFirst({ text }: Finding, at: number, all: readonly Finding[]): boolean {
  return all.findIndex((finding) => finding.text === text) === at
}
