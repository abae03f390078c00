// What a file in `programs` says of one program: the packages it is made of, how it is started, what is asked of it, and what a reader of its
// traces may expect. Everything else (starting it twice, comparing, judging the spans) is the same for all.

import type { Service } from '../services/service'
import type { Asker } from './asker'
import type { ProgramHome } from './program-home'

/** How to start one process of a program: arguments of `node`, the file first. */
export interface Launch {
  readonly args: readonly string[]
  readonly env?: Readonly<Record<string, string>>
  /** The code with which a command must end. Default: 0. */
  readonly code?: number
}

/** What is another at each run, dd or not. The fewer, the better the proof. */
export interface Varying {
  /** Headers of answers, in lower case, of which only the presence is compared. `date` is one by itself. */
  readonly headers?: readonly string[]
  /** Replaced in bodies before they are compared. */
  readonly bodies?: readonly (readonly [RegExp, string])[]
  /** Replaced in what is printed; times, durations and process ids are by themselves. */
  readonly output?: readonly (readonly [RegExp, string])[]
  /** Of programs that print while they do several things at once. */
  readonly lines?: 'in any order'
}

interface Program {
  readonly name: string
  /** One line for the reader of the table. */
  readonly about: string
  /** Exact versions by name. The first is the one the table shows. */
  readonly packages: Readonly<Record<string, string>>
  /** Releases of their dependencies that the registry cannot give as they are asked for. */
  readonly overrides?: Readonly<Record<string, string>>
  /** `import` for programs that are ES modules. Default: `require`. */
  readonly load?: 'require' | 'import'
  /** The folder in `apps` that is copied into its home. */
  readonly app?: string
  /** Servers that it works with, by the variable that tells it where they are. */
  readonly servers?: Readonly<Record<string, Service>>
  /** Makes its home complete: configurations, data, generated or compiled sources. Before each start. */
  prepare?(home: ProgramHome): void | Promise<void>
  readonly varies?: Varying
}

/** A program that serves until it is told to end. */
export interface ServerProgram extends Program {
  start(home: ProgramHome): Launch
  /** In its output, when it can be asked. Default: as soon as its port takes connections. */
  readonly ready?: RegExp
  /** The same requests at each run, one after the other. */
  ask(asker: Asker, home: ProgramHome): Promise<void>
  /** Of the spans of its requests. */
  readonly service: string
  /** Names and resources of spans that belong to no request: of its start, of its timers. */
  readonly besides?: RegExp
}

/** A command that does its work and ends. */
export interface CommandProgram extends Program {
  /** Each is run to its end. */
  runs(home: ProgramHome): readonly Launch[]
  /** Files it has written, below its home, that must be the same. */
  readonly writes?: readonly string[]
  /** Node processes it starts at most in all runs together, itself included: each may take `EXTRA_CPU_MS` more with dd. */
  readonly processes: number
  readonly besides?: RegExp
}

export type EverydayProgram = ServerProgram | CommandProgram
