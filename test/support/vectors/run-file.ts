// Runs a file of vectors of one area: what `npm run vectors` calls.

import { httpApiCases } from './http-api/http-api-cases'
import { metricCases } from './run-vectors'
import { runCases, type VectorCase } from './vector-case'

const AREAS: Readonly<Record<string, (file: string) => readonly VectorCase[]>> = {
  metrics: metricCases,
  'http-api': httpApiCases,
}

/**
 * Prints what failed and what was left out; returns whether nothing failed.
 * @throws where there is no such area, or the file is not of its format
 */
export async function runVectorFile(area: string, file: string, print: (line: string) => void): Promise<boolean> {
  const casesOf = Object.hasOwn(AREAS, area) ? AREAS[area] : undefined
  if (casesOf === undefined) throw new TypeError(`no area ${area} is known, but ${Object.keys(AREAS).join(', ')}`)
  return runCases(casesOf(file), print)
}
