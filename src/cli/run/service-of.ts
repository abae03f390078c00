// What the program under `dog run` calls itself, for its logs: as its tracer will find it, without looking into the program.

import { existsSync } from 'node:fs'
import { resolve } from 'node:path'
import { nearestPackage } from '../../config/package-json'

/** @param args of the command, the first of which names a file is the program's */
export function serviceOf(args: readonly string[], env: NodeJS.ProcessEnv = process.env): string {
  const given = env['DD_SERVICE'] || env['OTEL_SERVICE_NAME']
  if (given) return given
  const file = args.find((argument) => /\.[cm]?[jt]sx?$/.test(argument) && existsSync(argument))
  // A name in the working directory stands for the directory.
  return nearestPackage(resolve(file ?? 'package.json'))?.name ?? 'node'
}
