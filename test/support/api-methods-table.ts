// The README's table of the methods of the API client, made from the table in the code, which a test compares with it.

import type { MethodName } from '../../src/api/api-methods'
import { METHOD_GROUPS, METHODS } from '../../src/api/api-methods'

/** The lines of the table as they should stand between the two marks. */
export function methodsTable(): string[] {
  const rows = [...METHOD_GROUPS].map(([about, names]) => `| ${about} | ${names.map(calledAs).join(', ')} |`)
  return ['| about | methods |', '| --- | --- |', ...rows]
}

/** Names of options are told by the types. */
function calledAs(name: MethodName): string {
  const [required = '', options] = METHODS[name].usage.split('{')
  const words = [...(required.match(/\w+/g) ?? []), ...(options === undefined ? [] : ['{…}'])]
  return `\`${name}(${words.join(', ')})\``
}
