// Runs what `dd` does by itself, in the middle of somebody else's program or of Node: what goes wrong there is said, once, and goes no
// further.

import { kindOf, log } from './log'

/**
 * Returns what `step` returns, or undefined where it throws; a promise becomes one that does not reject.
 * @param doing for the warning: `failed while <doing>`
 */
export function quietly<T>(doing: string, step: () => T): T | undefined {
  const say = (fault: unknown) => {
    log.once(`quietly ${doing}`, `failed while ${doing} (${kindOf(fault)}); the program itself is not affected`)
    return undefined
  }
  try {
    const result = step()
    return result instanceof Promise ? (result.catch(say) as T) : result
  } catch (fault) {
    return say(fault)
  }
}
