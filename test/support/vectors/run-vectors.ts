// Plays vectors of metrics: finds who plays each client's, compares, and says what became of each.
//
// Of a quirk, which is what another client does and ours should not, the table of its client says what is right instead. A quirk that no
// table knows is met where ours does something else.

import { readFileSync } from 'node:fs'
import { difference, type Expected } from './compare-outcome'
import { decoded, type Player, type Vector } from './vector'
import { NotFollowed, type VectorCase, type Verdict, verdictOf } from './vector-case'

/** What is right in the place of a quirk, and why. */
interface Right extends Expected {
  readonly reason: string
}

/** `quirks-<client>.ts` */
export interface Quirks {
  /** By the vector's id. */
  readonly quirks?: Readonly<Record<string, Right>>
  /** Vectors that are not followed, by id, with the reason. */
  readonly notFollowed?: Readonly<Record<string, string>>
}

/** By `given.client`: who plays it, and its table of quirks. Loaded when the first vector comes. */
const CLIENTS: Readonly<Record<string, { player: string; quirks?: string }>> = {
  statsd: { player: './play-statsd', quirks: './quirks-statsd' },
  etsy_server: { player: './play-etsy-server' },
  dogstatsd: { player: './play-dogstatsd', quirks: './quirks-dogstatsd' },
  parser: { player: './play-parser', quirks: './quirks-parser' },
  collector: { player: './play-collector', quirks: './quirks-collector' },
  dogstatsapi: { player: './play-aggregator', quirks: './quirks-aggregator' },
  threadstats: { player: './play-aggregator', quirks: './quirks-aggregator' },
  reporter: { player: './play-aggregator', quirks: './quirks-aggregator' },
}

/** @throws where the file is no list of vectors */
export function readVectors(file: string): Vector[] {
  const vectors = JSON.parse(readFileSync(file, 'utf8')) as unknown
  if (!Array.isArray(vectors)) throw new TypeError(`${file} holds no list of vectors`)
  return vectors as Vector[]
}

export function metricCases(file: string): VectorCase[] {
  return readVectors(file).map((vector) => ({
    title: `${vector.id} ${vector.name}`,
    play: () => playVector(vector),
  }))
}

/** Never rejects: what goes wrong fails the vector. */
export function playVector(vector: Vector): Promise<Verdict> {
  return verdictOf(async () => {
    const { play, table } = clientOf(vector)
    const why = table.notFollowed?.[vector.id]
    if (why !== undefined) throw new NotFollowed(why)
    const given = decoded(vector) as Vector
    const outcome = await play(given)
    const right = table.quirks?.[vector.id]
    const wrong = difference(given, right ?? given, outcome)
    if (given.kind !== 'quirk' || right !== undefined) return wrong
    const isOthers = wrong === undefined
    return isOthers ? `it does as the other client, which is not right: ${given.note ?? given.name}` : undefined
  })
}

function clientOf({ given }: Vector): { play: Player; table: Quirks } {
  const files = Object.hasOwn(CLIENTS, given?.client) ? CLIENTS[given.client] : undefined
  if (files === undefined) throw new Error(`no client ${String(given?.client)} is known`)
  const { play } = require(files.player) as { play: Player }
  const table = files.quirks === undefined ? {} : (require(files.quirks) as Quirks)
  return { play, table }
}
