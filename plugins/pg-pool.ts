// What all spans of `pg` say, and how its pools (`pg-pool`) are asked for a client.

import { belongs, type Patcher, type Span, tags } from '../src/plugin'
import { PoolWait } from '../src/plugin/clients'
import { connectionTags, type SqlConnection } from './sql-connection'

interface Pool {
  readonly options?: SqlConnection
  readonly _clients: readonly object[]
  connect: unknown
  query: unknown
  newClient(...args: unknown[]): unknown
}

export const WAIT_TAG = 'db.pool.wait_time_ms'
export const template = { type: 'sql', kind: 'client', system: 'postgres', peerTags: [tags.DB_NAME] } as const

export function tracePool({ prototype }: { prototype: Pool }, patcher: Patcher): void {
  const wait = PoolWait.of(patcher)
  const acquiring = {
    ...template,
    name: 'pg.pool.acquire',
    waitTag: WAIT_TAG,
    // Where a pool leads may be written in a URL that only its clients have read.
    finish(span: Span, client: unknown) {
      const known = connectionTags(
        'postgres',
        (client as { connectionParameters?: SqlConnection } | undefined)?.connectionParameters,
      )
      for (const [key, value] of Object.entries(known)) if (value !== undefined) span.put(key, value)
    },
  }
  wait.acquire(prototype, 'connect', acquiring, ({ options }) => ({ tags: connectionTags('postgres', options) }))
  wait.uses(prototype, 'query')
  patcher.wrap(prototype, 'newClient', (original) => {
    return {
      newClient(this: Pool, ...args: unknown[]) {
        const result = Reflect.apply(original, this, args)
        patcher.guarded('newClient', () => belongs(this._clients.at(-1) as object, this))
        return result
      },
    }.newClient
  })
}
