// Makes cases of a file of vectors of the HTTP API, section by section. What the original client did is left out, and so is what is not
// understood, each with its reason.

import { readFileSync } from 'node:fs'
import { NotFollowed, type VectorCase, verdictOf } from '../vector-case'
import type { CallVector, ClientSettings } from './api-vector'
import { parseLong } from './long-integers'
import { playCall } from './play-call'
import { type ConfigVector, playConfig } from './play-config'
import { type PayloadVector, playPayload } from './play-payload'
import { playStateMachine, type StateMachine } from './play-state-machine'
import { CONVENTIONS } from './vector-client'

type Fields = Readonly<Record<string, unknown>>
type Play = (conventions: ClientSettings) => Promise<string | undefined>

/** They document the file. */
const DOCUMENTS = ['format', 'about', 'sources', 'conventions', 'notes', 'generated', '$schema']
const LISTS: Readonly<Record<string, (vector: never) => Play>> = {
  vectors: playVariant,
  errorVectors: playMethod,
  localValidation: playMethod,
  payloadVectors: (vector: PayloadVector) => (conventions) => playPayload(vector, conventions),
  configVectors: (vector: ConfigVector) => (conventions) => playConfig(vector, conventions),
}
const OF_THE_ORIGINAL = 'it documents the original client'

/** @throws where the file is not of this format */
export function httpApiCases(file: string): VectorCase[] {
  const sections = parseLong(readFileSync(file, 'utf8'))
  if (!isFields(sections) || !Object.keys(sections).some((name) => name in LISTS || name === 'stateMachine')) {
    throw new TypeError(`${file} holds no vectors of the HTTP API`)
  }
  return casesOf(sections)
}

export function casesOf(sections: Fields): VectorCase[] {
  const { client = {} } = (sections['conventions'] ?? {}) as { client?: ClientSettings }
  const conventions = { ...CONVENTIONS, ...client }
  return Object.entries(sections)
    .filter(([name]) => !DOCUMENTS.includes(name))
    .flatMap(([name, section]) => plays(name, section))
    .map(([title, play]) => ({ title, play: () => verdictOf(() => play(conventions)) }))
}

function plays(name: string, section: unknown): [title: string, play: Play][] {
  if (name === 'stateMachine' && isFields(section)) return machinePlays(section)
  const list = Object.hasOwn(LISTS, name) ? (LISTS[name] as (vector: unknown) => Play) : undefined
  if (!Array.isArray(section)) return [[name, left(`the section ${name} is not understood`)]]
  return section.map((vector: unknown, at) => {
    const { id = at + 1 } = isFields(vector) ? vector : {}
    const title = `${name} ${String(id)}`
    if (list === undefined) return [title, left(`the section ${name} is not understood`)]
    return [title, isFields(vector) ? list(vector) : left('it is no object')]
  })
}

function machinePlays(section: Fields): [title: string, play: Play][] {
  const { about, client, recommended, ...others } = section
  return [
    ...Object.keys(others).map((name): [string, Play] => [
      `stateMachine ${name}`,
      left(name === 'steps' ? OF_THE_ORIGINAL : `${name} of stateMachine is not understood`),
    ]),
    ...(recommended === undefined
      ? []
      : [
          [
            'stateMachine recommended',
            (conventions) => recommendedPlay({ about, client, ...(recommended as object) })(conventions),
          ] as [string, Play],
        ]),
  ]
}

/** `differences` says in words what the steps show. */
function recommendedPlay({ differences: _, ...machine }: Fields): Play {
  const { steps, about, client, ...others } = machine
  const unknown = Object.keys(others)
  if (unknown.length > 0 || !Array.isArray(steps))
    return left(`${unknown.join(', ') || 'a machine without steps'} is not understood`)
  return (conventions) => playStateMachine({ about, client, steps } as unknown as StateMachine, conventions)
}

function playVariant(vector: CallVector): Play {
  const { variant } = vector
  if (variant === 'seed') return left(OF_THE_ORIGINAL)
  if (variant !== 'modern' && variant !== 'both') return left(`the variant ${variant} is not understood`)
  return playMethod(vector)
}

function playMethod(vector: CallVector): Play {
  if (typeof vector.method !== 'string') return left('it names no method')
  return (conventions) => playCall(vector, conventions)
}

function left(reason: string): Play {
  return async () => {
    throw new NotFollowed(reason)
  }
}

function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
