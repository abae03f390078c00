// What `dog api --help` says: of all methods, or of one.

import { METHOD_GROUPS, METHODS, type MethodName } from '../api/api-methods'
import { parametersOf, usageOf } from './api-arguments'
import type { Paint } from './paint'

/** Longer lines are hard to read. */
const MAX_COLUMNS = 110

const HEAD = `dog api [options] <method> [argument…]   calls Datadog's API

  --site <site>     Datadog's site, such as datadoghq.eu; default: DD_SITE, else datadoghq.com
  --host <url>      a server in its place, such as http://localhost:8126 of dog agent; default: DATADOG_HOST
  --timeout <s>     for each request and its whole answer; default: 30
  --raw             print the whole answer, and not only what the method is about
  --help            this text; after a method, more about that one

The keys are taken from DD_API_KEY (or DATADOG_API_KEY) and DD_APP_KEY (or DATADOG_APP_KEY).

A text or an id is taken as it stands: web-1, 1234, true. Quotes of JSON around it are taken off. All else is JSON: numbers, lists, and the options in braces, which come last. tags, scope and emails are a text or a JSON list of texts, start and end seconds or a date. A single - stands for standard input.

The value is printed as JSON; a text, such as an id, without quotes; nothing for no value. What fails is told on standard error: exit code 1 where Datadog or the network refused, 2 where the call cannot be meant.
`

const EXAMPLES = `
  dog api hostTags web-1
  id=$(dog api event Deployed '1.2.3 is out' '{"tags":["env:prod"]}')
  dog api updateMonitor 1234 'avg(last_5m):avg:load{*} > 4' '{"name":"Load"}'
  dog api createScreenboard - < board.json
  dog api request GET /api/v1/slo '{"query":{"limit":10}}'
`

export interface Page {
  readonly columns: number
  readonly paint: Paint
}

/** All methods, by what they are about. */
export function apiHelp({ columns, paint }: Page): string {
  const width = Math.min(columns, MAX_COLUMNS)
  const head = HEAD.split('\n').flatMap((line) => wrapped(line, width, line.startsWith('  ') ? 20 : 0))
  const groups = [...METHOD_GROUPS].flatMap(([about, names]) => [
    '',
    paint.bold(about),
    ...names.flatMap((name) => methodLines(name, width, paint)),
  ])
  return `${[...head, ...EXAMPLES.trimEnd().split('\n').slice(1), ...groups].join('\n')}\n`
}

/** One method. */
export function methodHelp(name: MethodName, { columns, paint }: Page): string {
  const width = Math.min(columns, MAX_COLUMNS)
  const { endpoint, instead } = METHODS[name]
  const parameters = parametersOf(name)
  const indent = Math.max(0, ...parameters.map((one) => one.name.length)) + 4
  const lines = [
    ...wrapped(usageOf(name), width, 4).map((line, at) => (at === 0 ? paint.bold(line) : line)),
    '',
    ...parameters.flatMap((one) => wrapped(`  ${one.name.padEnd(indent - 2)}${one.about}`, width, indent)),
    ...(parameters.length === 0 ? [] : ['']),
    ...wrapped(`  ${endpoint}`, width, 2),
    ...wrapped(`  needs ${needsOf(name)}`, width, 2),
    ...(instead === undefined ? [] : wrapped(`  where Datadog answers 404: ${instead}`, width, 2)),
  ]
  return `${lines.join('\n')}\n`
}

function methodLines(name: MethodName, width: number, paint: Paint): string[] {
  const { usage, endpoint } = METHODS[name]
  const [first = '', ...rest] = wrapped(`  ${name} ${usage}`.trimEnd(), width, 6)
  const about = wrapped(`      ${endpoint}; ${needsOf(name)}`, width, 6)
  return [`  ${paint.service('method', name)}${first.slice(name.length + 2)}`, ...rest, ...about.map(paint.soft)]
}

function needsOf(name: MethodName): string {
  const { isIntake, permission } = METHODS[name]
  const keys = isIntake ? 'API key' : 'both keys'
  return permission === undefined ? keys : `${keys}, ${permission}`
}

/** At the blanks, with the lines after the first moved in. A line of blanks and words keeps the blanks that it has. */
function wrapped(line: string, width: number, indent: number): string[] {
  const lines: string[] = []
  let rest = line
  while (rest.length > width) {
    const begin = lines.length === 0 ? line.length - line.trimStart().length : indent
    const at = rest.lastIndexOf(' ', width)
    if (at <= begin) break
    lines.push(rest.slice(0, at).trimEnd())
    rest = ' '.repeat(indent) + rest.slice(at + 1)
  }
  return [...lines, rest]
}
