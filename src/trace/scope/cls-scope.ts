// The second scope: cls-hooked, for programs that already live with it.
//
// An optional peer dependency, loaded only when asked for: from then on every `await` of the process costs about ten
// times as much. Its own `run` is not used because it writes a property onto errors that pass through.

import { createRequire } from 'node:module'
import { join } from 'node:path'
import { type Context, ROOT_CONTEXT } from '../context'
import { Scope } from './scope'

interface Frame {
  readonly context: Context
}

/** The part of cls-hooked that is used. */
interface Namespace {
  readonly active: Frame | null
  enter(frame: Frame): void
  exit(frame: Frame): void
}

interface ClsHooked {
  createNamespace(name: string): Namespace
}

/** Finds cls-hooked beside `dd`, else beside the program. */
function loadClsHooked(): ClsHooked {
  try {
    return require('cls-hooked') as ClsHooked
  } catch {
    return createRequire(join(process.cwd(), 'package.json'))('cls-hooked') as ClsHooked
  }
}

/** One for all scopes: its async hook cannot be taken out again. */
let namespace: Namespace | undefined

export class ClsScope extends Scope {
  readonly #namespace: Namespace

  /** Throws when cls-hooked is not installed. */
  constructor() {
    super()
    namespace ??= loadClsHooked().createNamespace('dd')
    this.#namespace = namespace
  }

  active(): Context {
    return this.#namespace.active?.context ?? ROOT_CONTEXT
  }

  // biome-ignore lint/complexity/noBannedTypes: see Scope
  run(context: Context, fn: Function, self?: unknown, args: ArrayLike<unknown> = []): unknown {
    // Its own frames inherit from the one they are made in, so that a job which reschedules itself would never let go of any.
    const frame: Frame = { context }
    this.#namespace.enter(frame)
    try {
      return Reflect.apply(fn, self, args)
    } finally {
      this.#namespace.exit(frame)
    }
  }
}
