// Where options of dog end and a command, or a method, with options of its own begins: at the first word that is no option, or at `--`.

import { type ParseArgsConfig, parseArgs } from 'node:util'

/** @param args what follows the name of dog's command */
export function ownArguments<const O extends NonNullable<ParseArgsConfig['options']>>(
  args: readonly string[],
  options: O,
): { values: ReturnType<typeof parseArgs<{ options: O }>>['values']; rest: string[] } {
  const { tokens } = parseArgs({ args: [...args], options, strict: false, allowPositionals: true, tokens: true })
  const first = tokens.find(({ kind }) => kind === 'positional' || kind === 'option-terminator')
  const own = first === undefined ? [...args] : args.slice(0, first.index)
  const { values } = parseArgs({ args: own, options })
  return { values, rest: args.slice(own.length + (first?.kind === 'option-terminator' ? 1 : 0)) }
}
