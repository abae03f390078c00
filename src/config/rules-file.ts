// Reads sampling rules from a file (DD_SPAN_SAMPLING_RULES_FILE), for rules too long for a variable.

import { readFileSync } from 'node:fs'
import { describe, log } from '../base/log'

/**
 * The JSON array in the file. One that cannot be read, or holds something else, is named in a warning and counts as empty.
 * @param path absolute, or from the folder the program was started in
 */
export function readRulesFile(path: string): readonly unknown[] {
  try {
    const rules: unknown = JSON.parse(readFileSync(path, 'utf8'))
    if (Array.isArray(rules)) return rules
    log.once('rules file', `the file of span sampling rules, ${path}, does not hold a JSON array; it is ignored`)
  } catch (error) {
    // What JSON.parse says holds a piece of the text.
    const why = error instanceof SyntaxError ? 'it is not JSON' : describe(error)
    log.once('rules file', `the file of span sampling rules, ${path}, cannot be read (${why}); it is ignored`)
  }
  return []
}
