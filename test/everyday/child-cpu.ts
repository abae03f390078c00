// The processor time of the child processes that have ended, with those that they waited for. Only Linux tells, and in steps of 10 ms.

import { readFileSync } from 'node:fs'

/** Clock ticks of /proc are 10 ms on every architecture that Node runs on. */
const TICK_MS = 10

export function childCpuMs(): number | undefined {
  try {
    // What stands before the last bracket is the name of the program, which may have spaces in it.
    const fields = readFileSync('/proc/self/stat', 'utf8').split(') ').at(-1)!.split(' ')
    // cutime and cstime, the 16th and 17th of the line.
    return (Number(fields[13]) + Number(fields[14])) * TICK_MS
  } catch {
    return undefined
  }
}
