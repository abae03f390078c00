// One line of a log, with the way to the span it was written in.

import type { JSX } from 'preact'
import { clock } from '../base/format'
import { traceHref } from '../base/route'
import { Service } from '../parts/service'
import type { LogLine } from '../wire'

/** The escape sequences of terminals that set colours. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: it is one
const COLOUR = /\u001b\[[\d;]*m/g

export function levelOf({ level, stream }: LogLine): string {
  const text = level.toLowerCase()
  if (/^(fatal|crit|err|emerg|alert)/.test(text)) return 'error'
  if (text.startsWith('warn')) return 'warn'
  if (/^(debug|trace|silly|verbose)/.test(text)) return 'debug'
  return text === '' && stream === 'stderr' ? 'warn' : 'info'
}

export function LogRow({
  line,
  isInTrace = false,
  isWhole = false,
}: {
  line: LogLine
  isInTrace?: boolean
  isWhole?: boolean
}): JSX.Element {
  const message = line.message.replace(COLOUR, '')
  return (
    <div class={`log-row ${levelOf(line)} ${isInTrace || isWhole ? 'whole' : ''}`} role={isInTrace ? undefined : 'row'}>
      <span class="when" role={isInTrace ? undefined : 'gridcell'}>
        {clock(line.time)}
      </span>
      <span class="level" role={isInTrace ? undefined : 'gridcell'}>
        {line.level || line.stream}
      </span>
      {!isInTrace && (
        <span class="who" role="gridcell">
          {line.service !== '' && <Service name={line.service} />}
        </span>
      )}
      <span class="message" role={isInTrace ? undefined : 'gridcell'} title={isInTrace ? undefined : message}>
        {message}
      </span>
      {!isInTrace && (
        <span class="to" role="gridcell">
          {line.traceId && <a href={traceHref(line.traceId, line.spanId)}>trace</a>}
        </span>
      )}
    </div>
  )
}
