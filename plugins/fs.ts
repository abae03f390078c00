// Files by Node's own `fs`: callbacks, promises and the synchronous forms, inside of a trace only. Off by default.
//
// A file that is not there is news, not an error. What `fs` calls of itself is part of the call that the program made.

import type * as fs from 'node:fs'
import { type AnyFunction, definePlugin, type Operation, type Patcher } from '../src/plugin'

type Methods = Record<string, AnyFunction | undefined>

const NAME = 'fs.operation'
/** Characters of a path. */
export const MAX_PATH_CHARS = 4096

/**
 * What the arguments are, by the name of the asynchronous function. Not `opendir`, one of whose forms Node keeps in another, nor
 * `exists`, whose callback has no room for an error.
 */
const ARGUMENTS: Readonly<Record<string, readonly string[]>> = {
  access: ['path', 'mode'],
  appendFile: ['path'],
  chmod: ['path', 'mode'],
  chown: ['path', 'uid', 'gid'],
  close: ['descriptor'],
  copyFile: ['src', 'dest', 'mode'],
  cp: ['src', 'dest'],
  fchmod: ['descriptor', 'mode'],
  fchown: ['descriptor', 'uid', 'gid'],
  fdatasync: ['descriptor'],
  fstat: ['descriptor'],
  fsync: ['descriptor'],
  ftruncate: ['descriptor'],
  futimes: ['descriptor'],
  lchmod: ['path', 'mode'],
  lchown: ['path', 'uid', 'gid'],
  link: ['src', 'dest'],
  lstat: ['path'],
  lutimes: ['path'],
  mkdir: ['path', 'mode'],
  mkdtemp: ['path'],
  open: ['path', 'flag', 'mode'],
  read: ['descriptor'],
  readdir: ['path'],
  readFile: ['path'],
  readlink: ['path'],
  readv: ['descriptor'],
  realpath: ['path'],
  rename: ['src', 'dest'],
  rm: ['path'],
  rmdir: ['path'],
  stat: ['path'],
  statfs: ['path'],
  symlink: ['src', 'dest'],
  truncate: ['path'],
  unlink: ['path'],
  utimes: ['path'],
  write: ['descriptor'],
  writeFile: ['path'],
  writev: ['descriptor'],
}

function operationOf(method: string, names: readonly string[], { tracer }: Patcher): Operation<Methods, unknown[]> {
  const keys = names.map((name) => `file.${name}`)
  return {
    name: NAME,
    kind: 'internal',

    start(_fs, args) {
      const { activeSpan } = tracer
      if (activeSpan === undefined || activeSpan.name === NAME) return undefined
      const tags: Record<string, string | number | undefined> = {}
      for (const [at, key] of keys.entries()) tags[key] = told(args[at])
      // A file may be named by its descriptor.
      if (typeof tags['file.path'] === 'number') {
        tags['file.descriptor'] = tags['file.path']
        tags['file.path'] = undefined
      }
      return { resource: method, callback: 'last', tags }
    },

    finish(span) {
      span.error = 0
    },
  }
}

function told(arg: unknown): string | number | undefined {
  if (typeof arg === 'number') return arg
  if (typeof arg === 'string') return arg.slice(0, MAX_PATH_CHARS)
  if (arg instanceof URL) return arg.pathname.slice(0, MAX_PATH_CHARS)
  return Buffer.isBuffer(arg) ? arg.toString('utf8', 0, MAX_PATH_CHARS) : undefined
}

function traceFiles(module: typeof fs, patcher: Patcher): void {
  const { promises } = module
  for (const [name, names] of Object.entries(ARGUMENTS)) {
    for (const [target, method] of [
      [module, name],
      [module, `${name}Sync`],
      [promises, name],
    ] as const) {
      const methods = target as unknown as Methods
      if (typeof methods[method] === 'function') patcher.trace(methods, method, operationOf(method, names, patcher))
    }
  }
  const methods = module as unknown as Methods
  patcher.trace(methods, 'existsSync', operationOf('existsSync', ['path'], patcher))
}

export default definePlugin({ name: 'fs', hooks: [{ module: 'fs', patch: traceFiles }] })
