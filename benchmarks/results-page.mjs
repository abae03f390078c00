// Writes RESULTS.md: the targets and how far they are met, then the table of each question and Node, all from the samples that
// were kept.

import { writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { MAJORS } from './nodes.mjs'
import { REFERENCE } from './peers.mjs'
import { QUESTIONS } from './questions.mjs'
import { kept } from './samples.mjs'
import { table } from './summary.mjs'

const file = fileURLToPath(new URL('RESULTS.md', import.meta.url))

/** Node 24 is held to the targets, the others to a tenth more. */
const TOLERANCE = 1.1

const INTRODUCTION = `# Results

Written by \`npm run bench:results\`; not to be edited. How each question is asked stands at the top of its file in this folder.

Values are medians over the rounds; in brackets the middle half of the rounds. In each round every peer has its turn. "Added" is
what a peer costs above the same program without it, taken round by round. CPU time is user and system time of the whole
process, all its threads, sending included.`

/** Gives a line that says what was written. */
export function writePage() {
  const measured = QUESTIONS.map((question) => ({
    question,
    byNode: MAJORS.map((major) => kept(question.name, major)).filter((one) => one !== undefined),
  }))
  const all = measured.flatMap(({ byNode }) => byNode)
  if (all.length === 0) throw new Error('nothing has been measured: npm run bench:results')
  const missing = measured.flatMap(({ question, byNode }) =>
    (question.nodes ?? MAJORS)
      .filter((major) => !byNode.some((one) => one.major === major))
      .map((major) => `${question.name} on Node ${major}`),
  )
  const parts = [
    INTRODUCTION,
    about(all),
    `## Targets\n\n${targetTable(measured)}`,
    ...(missing.length > 0 ? [`Not measured: ${missing.join(', ')}.`] : []),
    ...measured.filter(({ byNode }) => byNode.length > 0).map(section),
  ]
  writeFileSync(file, `${parts.join('\n\n')}\n`)
  return `${file}: ${all.length} tables${missing.length > 0 ? `; not measured: ${missing.join(', ')}` : ''}`
}

function about(all) {
  const distinct = (values) => [...new Set(values)].sort().join(', ')
  const days = all.map(({ date }) => date.slice(0, 10))
  return [
    `- Machine: ${distinct(all.map(({ machine }) => machine))}`,
    `- Nodes: ${distinct(all.map(({ node }) => node))}`,
    `- dd: commit ${distinct(all.map(({ commit }) => commit))}`,
    `- Measured: ${distinct(days)}`,
    ...new Set(all.flatMap(({ peers }) => peers.map((line) => `- ${line.replace(/: (.+)/, ': `$1`')}`))),
  ].join('\n')
}

function targetTable(measured) {
  const majors = MAJORS.filter((major) => measured.some(({ byNode }) => byNode.some((one) => one.major === major)))
  const rows = measured.flatMap(({ question, byNode }) =>
    (question.targets ?? []).map((target) => [
      target.what,
      target.goal,
      ...majors.map((major) => {
        const one = byNode.find((candidate) => candidate.major === major)
        return one === undefined ? '' : verdict(target, one)
      }),
      question.name,
    ]),
  )
  const note = `Node ${MAJORS[0]} is held to the target, the others to a tenth more.`
  return `${table(['target', 'goal', ...majors.map((major) => `Node ${major}`), 'question'], rows)}\n\n${note}`
}

function verdict({ atMost, atLeast, value, show }, { samples, major }) {
  const measured = ofKept(() => value(samples)) ?? Number.NaN
  if (!Number.isFinite(measured)) return 'not measured'
  const tolerance = major === MAJORS[0] ? 1 : TOLERANCE
  const isMet = atMost === undefined ? measured >= atLeast / tolerance : measured <= atMost * tolerance
  return `${show(measured)} ${isMet ? 'met' : '**missed**'}`
}

/** What was kept before a question changed may lack what it wants now. */
const OUTDATED = { headings: ['to be measured again'], rows: [['what was kept is from before the question changed']] }

function ofKept(read) {
  try {
    return read()
  } catch {
    return undefined
  }
}

function section({ question, byNode }) {
  const tables = byNode.map((one) => {
    const { headings, rows } = ofKept(() => question.report(one.samples, question.reference ?? REFERENCE)) ?? OUTDATED
    const [before, after] = one.load.map((value) => value.toFixed(1))
    const facts = [
      `${one.rounds} rounds in ${one.seconds} s on ${one.date.slice(0, 10)}`,
      `load ${before} before and ${after} after`,
      `dd ${one.commit}`,
      ...(one.about === undefined ? [] : [one.about]),
    ]
    const skipped = one.skipped.map(({ peer, reason }) => `Not measured: ${peer}: ${reason}.`)
    return [
      `### Node ${one.node.slice(1)}: ${question.name}`,
      `${facts.join('; ')}.`,
      table(headings, rows),
      ...skipped,
    ].join('\n\n')
  })
  return [`## ${question.name}`, `${question.question[0].toUpperCase()}${question.question.slice(1)}.`, ...tables].join(
    '\n\n',
  )
}
