// Where a client of `pg` leads, and how pools (`pg-pool`) are asked for one.

import { belongs, type Patcher, type Span, tags } from '../src/plugin'
import { PoolWait } from '../src/plugin/clients'

export interface Parameters {
  readonly host?: string
  readonly port?: number | string
  readonly database?: string
  readonly user?: string
}

interface Pool {
  readonly options?: Parameters
  readonly _clients: readonly object[]
  connect: unknown
  query: unknown
  newClient(...args: unknown[]): unknown
}

export const WAIT_TAG = 'db.pool.wait_time_ms'
export const template = { type: 'sql', kind: 'client', system: 'postgres', peerTags: [tags.DB_NAME] } as const

export function connectionTags({
  host,
  port,
  database,
  user,
}: Parameters = {}): Record<string, string | number | undefined> {
  return {
    [tags.DB_TYPE]: 'postgres',
    [tags.DB_NAME]: database,
    [tags.DB_USER]: user,
    [tags.OUT_HOST]: host,
    [tags.DESTINATION_PORT]: port === undefined ? undefined : Number(port),
  }
}

export function tracePool({ prototype }: { prototype: Pool }, patcher: Patcher): void {
  const wait = PoolWait.of(patcher)
  const acquiring = {
    ...template,
    name: 'pg.pool.acquire',
    waitTag: WAIT_TAG,
    // Where a pool leads may be written in a URL that only its clients have read.
    finish(span: Span, client: unknown) {
      const known = connectionTags((client as { connectionParameters?: Parameters } | undefined)?.connectionParameters)
      for (const [key, value] of Object.entries(known)) if (value !== undefined) span.put(key, value)
    },
  }
  wait.acquire(prototype, 'connect', acquiring, ({ options }) => ({ tags: connectionTags(options) }))
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
