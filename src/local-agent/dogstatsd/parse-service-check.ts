// Reads the line of a service check: `_sc|name|status[|field…]`. The message is kept as it came, and ends at the first pipe.
// Source: datadog-agent, comp/dogstatsd/server, parse_service_checks.go.

import { parseInt64 } from './go-number'
import { type RejectedLine, rejected, type ServiceCheckLine, tagsOf } from './line'

/** `_sc` and the character behind it, which is not looked at. */
const HEAD_LENGTH = 4

export function parseServiceCheck(line: string): ServiceCheckLine | RejectedLine {
  if (line.indexOf('|', line.indexOf('|') + 1) === -1 || !line.includes('|')) {
    return rejected('the service check has no status: _sc|name|status is expected')
  }
  const [name = '', status = '', ...fields] = line.slice(HEAD_LENGTH).split('|')
  if (name === '') return rejected('the name of the service check is empty')
  if (!/^[0-3]$/.test(status)) {
    return rejected('the status of the service check is none of 0 (ok), 1 (warning), 2 (critical), 3 (unknown)')
  }
  const check = {
    kind: 'check' as const,
    name,
    status: Number(status),
    timestamp: undefined as number | undefined,
    hostname: undefined as string | undefined,
    tags: [] as readonly string[],
    message: undefined as string | undefined,
    ignored: [] as string[],
  }
  for (const field of fields) {
    const value = field.slice(2)
    if (field.startsWith('#')) check.tags = tagsOf(field.slice(1))
    else if (field.startsWith('h:')) check.hostname = value
    else if (field.startsWith('m:')) check.message = value
    else if (field.startsWith('d:')) {
      const timestamp = parseInt64(value)
      if (timestamp === undefined) check.ignored.push(field)
      else check.timestamp = timestamp
    }
  }
  return check
}
