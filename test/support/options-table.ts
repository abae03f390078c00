// The README's table of options, made from the table in the code: a test compares the two row by row, so that neither can say
// something the other does not.

import { options } from '../../src/config/options'

/** The lines of the table as they should stand between the two marks. */
export function optionsTable(): string[] {
  const rows = Object.entries(options).map(([name, { env, otel, type, default: fallback, doc }]) => {
    const variables = [...env, ...Object.keys(otel)]
    const cells = [code(name), variables.map(code).join(', '), type, defaultText(fallback), doc]
    return `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`
  })
  return ['| option | environment | type | default | what it does |', '| --- | --- | --- | --- | --- |', ...rows]
}

/** The lines of the table that `readme` has between `<!-- mark -->` and `<!-- /mark -->`; undefined if it has none. */
export function tableIn(readme: string, mark = 'options'): string[] | undefined {
  const opening = `<!-- ${mark} -->`
  const [begin, end] = [readme.indexOf(opening), readme.indexOf(`<!-- /${mark} -->`)]
  if (begin < 0 || end < begin) return undefined
  return readme
    .slice(begin + opening.length, end)
    .split('\n')
    .map((line) => line.trim())
    .filter(Boolean)
}

function code(text: string): string {
  return `\`${text}\``
}

/** Nothing where the description tells the default, or where the default is nothing. */
function defaultText(value: unknown): string {
  if (Array.isArray(value))
    return value.map((item: unknown) => code(Array.isArray(item) ? item.join('-') : String(item))).join(', ')
  return value === undefined || typeof value === 'object' ? '' : code(String(value))
}
