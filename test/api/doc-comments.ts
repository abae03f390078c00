// The doc comments of the methods of the API client, read out of its sources.

import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { repoRoot } from '../support/repo-root'

interface DocComment {
  readonly method: string
  /** Before the first tag, as one line. */
  readonly text: string
  readonly example: string | undefined
  /** The names of `@param` tags. */
  readonly params: readonly string[]
  /** Those that the method takes. */
  readonly signature: string
}

const FOLDER = join(repoRoot, 'src', 'api')

const FILES = [
  join(FOLDER, 'dog-http-api.ts'),
  ...readdirSync(join(FOLDER, 'resources')).map((file) => join(FOLDER, 'resources', file)),
]

/** A comment and the first line of what it is about: a method, or the first of its overloads. */
const COMMENTED = /^ {2}\/\*\*\n((?: {3}\*.*\n)+?) {3}\*\/\n {2}(?:async )?(\w+)(?:<[^(]*>)?(\([\s\S]*?\): )/gm

export const docComments: readonly DocComment[] = FILES.flatMap((file) =>
  [...readFileSync(file, 'utf8').matchAll(COMMENTED)].map(([, comment = '', method = '', signature = '']) => {
    const lines = comment.replace(/^ {3}\* ?/gm, '')
    const [text = '', ...tags] = lines.split(/^@/m)
    return {
      method,
      text: text.replaceAll(/\s+/g, ' ').trim(),
      example: tags
        .find((tag) => tag.startsWith('example'))
        ?.slice('example'.length)
        .trim(),
      params: tags.flatMap((tag) => /^param ([\w.]+)/.exec(tag)?.[1] ?? []),
      signature,
    }
  }),
)
