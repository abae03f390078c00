// What a connection is, and what a message is about.

import { type Start, tags } from '../../src/plugin'

export interface Connection {
  readonly options?: { readonly inboxPrefix?: string }
  readonly protocol?: {
    readonly info?: { readonly headers?: boolean; readonly max_payload?: number }
    readonly server?: { readonly hostname?: string; readonly port?: number | string }
  }
  publish(...args: unknown[]): unknown
  request(...args: unknown[]): unknown
  subscribe(...args: unknown[]): unknown
}

/** What all spans of the plugin have in common. */
export const MESSAGE = { system: 'nats' } as const

/** The API of JetStream, its acknowledgements, and the system account. */
const OF_THE_SERVER = /^\$(JS|SYS)\./

/** Replies and what the driver does for itself: a new subject each time, or none of the program's. */
export function isInternal({ options }: Connection, subject: unknown): boolean {
  if (typeof subject !== 'string') return false
  return subject.startsWith(`${options?.inboxPrefix ?? '_INBOX'}.`) || OF_THE_SERVER.test(subject)
}

export function describe(
  connection: Connection,
  operation: string,
  subject: unknown,
  resource: unknown = subject,
): Start {
  const { hostname, port } = connection.protocol?.server ?? {}
  return {
    resource: typeof resource === 'string' ? resource : '',
    tags: {
      'messaging.system': 'nats',
      'messaging.operation': operation,
      'messaging.destination.name': typeof subject === 'string' && subject !== '' ? subject : undefined,
      [tags.OUT_HOST]: hostname,
      [tags.DESTINATION_PORT]: port === undefined ? undefined : Number(port),
    },
  }
}
