// Where a server may come from, tried in turn: `DD_TEST_<NAME>_URL` alone where it is set, because a URL that was asked for and
// does not answer is an error and no reason to test something else; otherwise whatever can be had here.

import type { Missing, RunningService } from './service'

export type Place = readonly [name: string, find: () => Promise<RunningService>]

/** The first place that has one, or what every place said. */
export async function firstOf(places: readonly Place[]): Promise<RunningService | Missing> {
  const reasons: string[] = []
  for (const [place, find] of places) {
    try {
      return await find()
    } catch (error) {
      reasons.push(`${place}: ${(error as Error).message}`)
    }
  }
  return { missing: reasons.join('; ') }
}

/** `version` proves that the server of the URL in `variable` answers. */
export function fromEnvironmentOr(
  variable: string,
  version: (url: string) => Promise<string>,
  places: readonly Place[],
): Promise<RunningService | Missing> {
  const url = process.env[variable]
  if (!url) return firstOf(places)
  return firstOf([
    [
      variable,
      async () => ({ url, version: await version(url), from: variable, concurrent: true, stop: async () => {} }),
    ],
  ])
}
