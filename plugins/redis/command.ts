// What the span of a Redis command says, whichever client sends it: the command as text, without its secrets and within limits,
// where it goes, and whether it is wanted at all.

import { type CallStart, type PluginOptions, type SpanTemplate, tags } from '../../src/plugin'
import { cutText } from '../cut-text'

/** What a command's name, in capitals, is compared with. */
type CommandRule = string | RegExp | ((name: string) => boolean)

export interface RedisOptions extends PluginOptions {
  /** Only these commands are traced. */
  readonly allowlist?: CommandRule | readonly CommandRule[]
  /** These commands are not traced. */
  readonly blocklist?: CommandRule | readonly CommandRule[]
  /** Whether a command is traced, given its name in capitals. */
  readonly filter?: (name: string) => boolean
  /** A connection that has a name is a service of its own. */
  readonly splitByInstance?: boolean
}

/** Where a connection goes. */
export interface Place {
  readonly host?: string | undefined
  readonly port?: number | undefined
  /** The connection's name. */
  readonly name?: string | undefined
}

/** Nothing below a command is traced, so its span is never the active one. */
export const COMMAND: SpanTemplate & { activate: false } = {
  name: 'redis.command',
  type: 'redis',
  kind: 'client',
  system: 'redis',
  activate: false,
}

export const MAX_ARGUMENT_CHARACTERS = 100
export const MAX_COMMAND_CHARACTERS = 1000

type Describe = (name: string, args: readonly unknown[], first: number, place: Place) => CallStart | undefined

/** Makes what describes a command, whose arguments begin at `first`; undefined for one that the options leave out. */
export function describeCommands(options: RedisOptions): Describe {
  const { allowlist, blocklist, filter, service, splitByInstance } = options
  const all = allowlist === undefined && blocklist === undefined && filter === undefined
  const isWanted = (name: string) =>
    (allowlist === undefined || matches(allowlist, name)) &&
    (blocklist === undefined || !matches(blocklist, name)) &&
    (filter === undefined || filter(name))

  return (name, args, first, { host, port, name: instance }) => {
    const capitals = name.toUpperCase()
    if (!all && !isWanted(capitals)) return undefined
    const isSplit = splitByInstance === true && instance !== undefined && instance !== ''
    return {
      resource: name,
      service: isSplit ? (service === undefined ? instance : `${service}-${instance}`) : undefined,
      tags: {
        [tags.DB_TYPE]: 'redis',
        'redis.raw_command': rawCommand(capitals, args, first),
        [tags.OUT_HOST]: host,
        [tags.DESTINATION_PORT]: port,
        [tags.SERVICE_SOURCE]: isSplit ? 'opt.split_by_instance' : undefined,
      },
    }
  }
}

function matches(rules: CommandRule | readonly CommandRule[], name: string): boolean {
  const list = Array.isArray(rules) ? (rules as readonly CommandRule[]) : [rules as CommandRule]
  return list.some((rule) => {
    if (typeof rule === 'string') return rule.toUpperCase() === name
    // `search` ignores the state that a global pattern keeps.
    return rule instanceof RegExp ? name.search(rule) !== -1 : rule(name)
  })
}

type Word = (index: number) => string

/** Which arguments of a command are secrets; those of AUTH all are. */
const secrets = new Map<string, (word: Word, index: number) => boolean>([
  // HELLO 3 AUTH <user> <password> SETNAME <name>
  ['HELLO', (word, index) => word(index - 1) === 'AUTH' || word(index - 2) === 'AUTH'],
  // ACL SETUSER <user> <rule …>, where `>password` and `#hash` are rules.
  ['ACL', (word, index) => index > 1 && word(0) === 'SETUSER'],
  // CONFIG SET requirepass <password> masterauth <password> tls-key-file-pass <password>
  ['CONFIG', (word, index) => index > 1 && index % 2 === 0 && word(0) === 'SET' && /PASS|AUTH/.test(word(index - 1))],
  // MIGRATE <host> <port> <key> <db> <timeout> AUTH <password>, or AUTH2 <user> <password>
  ['MIGRATE', (word, index) => /^AUTH2?$/.test(word(index - 1)) || word(index - 2) === 'AUTH2'],
  // SENTINEL SET <master> auth-pass <password>, SENTINEL CONFIG SET sentinel-pass <password>
  ['SENTINEL', (word, index) => index > 1 && /PASS/.test(word(index - 1))],
])

/** `name`, in capitals, and its arguments: texts and numbers as they are, everything else as `?`. */
export function rawCommand(name: string, args: readonly unknown[], first = 0): string {
  let text = name
  const isSecret = secrets.get(name)
  const word: Word = (index) => (index < 0 ? '' : String(args[first + index]).toUpperCase())
  for (let at = first; at < args.length && name !== 'AUTH' && text.length <= MAX_COMMAND_CHARACTERS; at++) {
    text += isSecret?.(word, at - first) === true ? ' ?' : ` ${shown(args[at])}`
  }
  return cutText(text, MAX_COMMAND_CHARACTERS)
}

function shown(arg: unknown): string {
  if (typeof arg === 'string') return cutText(arg, MAX_ARGUMENT_CHARACTERS)
  return typeof arg === 'number' ? String(arg) : '?'
}
