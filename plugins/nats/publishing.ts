// Publishing and asking. A request publishes by the same connection, which is no message more.

import { hiddenField, type Operation, type Patcher } from '../../src/plugin'
import { type Connection, describe, isInternal, MESSAGE } from './subject'

interface Headers {
  encode(): Uint8Array
}

interface Options {
  readonly headers?: Headers
  readonly traceOnly?: boolean
  readonly traceDestination?: string
}

type PublishArgs = [subject: unknown, data?: unknown, options?: Options]

const PUBLISH = {
  ...MESSAGE,
  name: 'nats.publish',
  v1Name: 'nats.send',
  kind: 'producer',
  peerTags: ['messaging.destination.name'],
} as const

const isRequest = hiddenField<true>()

export function publishes({ tracer }: Patcher): Operation<Connection, PublishArgs> {
  return {
    ...PUBLISH,
    activate: false,
    start(connection, [subject]) {
      const active = tracer.activeSpan
      if (isInternal(connection, subject) || (active !== undefined && isRequest.get(active))) return undefined
      return describe(connection, 'publish', subject)
    },
    before: (_span, args, connection, headers) => carry(connection, args, headers),
  }
}

export const requests: Operation<Connection, PublishArgs> = {
  ...PUBLISH,
  start: (connection, [subject]) =>
    isInternal(connection, subject) ? undefined : describe(connection, 'request', subject),
  before(span, args, connection, headers) {
    isRequest.set(span, true)
    carry(connection, args, headers)
  },
}

/** A server may know no headers, and counts them with the message: one that only just fits goes without. */
function carry({ protocol }: Connection, args: PublishArgs, headers: () => Record<string, string>): void {
  const { headers: areKnown, max_payload: maxBytes = 0 } = protocol?.info ?? {}
  if (areKnown !== true) return
  const [, data, options] = args
  // The driver is to add headers of its own, by methods of theirs.
  if (options?.traceOnly !== undefined || options?.traceDestination !== undefined) return
  const encoded = encode(options?.headers, headers())
  if (sizeOf(data) + encoded.length > maxBytes) return
  args[2] = { ...options, headers: { encode: () => encoded } }
}

function sizeOf(data: unknown): number {
  if (typeof data === 'string') return Buffer.byteLength(data)
  return data instanceof Uint8Array ? data.length : 0
}

/** As `HPUB` wants them: a version and perhaps a status, then a line for each. Those of an earlier hop are replaced. */
function encode(own: Headers | undefined, headers: Record<string, string>): Buffer {
  const lines = own === undefined ? [] : Buffer.from(own.encode()).toString().split('\r\n')
  let text = `${lines[0] || 'NATS/1.0'}\r\n`
  for (const name in headers) text += `${name}: ${headers[name]}\r\n`
  for (const line of lines.slice(1)) {
    const name = line.slice(0, line.indexOf(':')).toLowerCase()
    if (line !== '' && headers[name] === undefined) text += `${line}\r\n`
  }
  return Buffer.from(`${text}\r\n`)
}
