// What a file of ours may touch, what it may be called and how it begins.

import { basename, dirname } from 'node:path'
import { importViolations } from './layers'
import { codeOf } from './read-source'

/** Where what a rule names may be touched all the same. */
const RULES: readonly { what: string; pattern: RegExp; allowed: RegExp }[] = [
  {
    what: 'the environment',
    pattern:
      /\bprocess\s*(\?\.|\.)\s*env\b|\bprocess\s*(\?\.)?\[|\{[^{}]*\benv\b[^{}]*\}\s*=\s*process\b|\benv\b[^'"\n]*from\s*['"](node:)?process['"]/,
    allowed: /^src\/(config|cli)\//,
  },
  {
    what: 'a clock',
    pattern:
      /\bDate\s*\.\s*now\b|\bnew\s+Date\s*\(\s*\)|\bnew\s+Date\b(?!\s*\()|\bDate\s*\(\s*\)|\bperformance\s*(\?\.|\.)\s*(now|timeOrigin|mark|measure|toJSON)\b|\bperformance\s*(\?\.)?\[|\}\s*=\s*performance\b(?!\s*\.)|\bhrtime\b|\.\s*uptime\s*\(/,
    allowed: /^src\/base\/clock\.ts$/,
  },
  {
    what: 'a clock by its house',
    // The other two ask Node there what it has measured.
    pattern: /\bperformance\b|\bperf_hooks\b/,
    allowed: /^src\/(base\/clock|metrics\/runtime\/(event-loop|gc)-metrics)\.ts$/,
  },
  {
    what: 'dice',
    pattern:
      /\bMath\s*\.\s*random\b|\b(getRandomValues|randomUUID|randomBytes|randomInt|randomFill|randomFillSync|webcrypto)\b/,
    allowed: /^src\/base\/id\.ts$/,
  },
  { what: 'the console', pattern: /\bconsole\b/, allowed: /^src\/(base\/log\.ts$|cli\/)/ },
  { what: 'a context that nobody leaves', pattern: /\benterWith\b/, allowed: /^$/ },
  {
    what: 'any',
    pattern: /[:<|&(,=]\s*any\b|\bas\s+any\b|\bany\s*\[/,
    // One constraint lets every function keep its own parameter types.
    allowed: /^src\/trace\/run-in-span\.ts$/,
  },
]

const BANNED_NAMES = /^(utils?|helpers?|common|misc|types?|constants?|shared|lib)$/

/** Everything that a file does against the rules, in words. */
export function violationsOf(file: string, source: string, dependencies: ReadonlySet<string>): string[] {
  const found = importViolations(file, source, dependencies)
  const code = codeOf(source)
  const withStrings = codeOf(source, true)
  for (const { what, pattern, allowed: where } of RULES) {
    // Names of modules are strings, everything else that counts is not.
    const hit =
      pattern.exec(code) ??
      withStrings
        .split('\n')
        .filter((line) => /\b(from|require|import)\b/.test(line))
        .map((line) => pattern.exec(line))
        .find((match) => match !== null)
    if (hit !== undefined && hit !== null && !where.test(file)) found.push(`${file} touches ${what}: ${hit[0].trim()}`)
  }
  return [
    ...found,
    ...nameViolations(file),
    ...(/^(#![^\n]*\n)?\/\/ \S/.test(source) ? [] : [`${file} does not begin with a comment that says why it exists`]),
  ]
}

export function nameViolations(file: string): string[] {
  const name = basename(file).replace(/(\.d)?\.(m?tsx?|mjs|json|html|css|svg)$/, '')
  const found = BANNED_NAMES.test(name) ? [`${file} has a name that says nothing`] : []
  if (!/^[a-z0-9]+(-[a-z0-9]+)*$/.test(name)) found.push(`${file} is not in kebab case`)
  for (const folder of dirname(file).split('/'))
    if (BANNED_NAMES.test(folder)) found.push(`${file} is in a folder that says nothing: ${folder}`)
  return found
}
