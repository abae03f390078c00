// What all spans of `mariadb` say, and where the server is that they went to.

import { tags } from '../../src/plugin'

export interface Options {
  readonly host?: string
  readonly port?: number
  readonly database?: string
  readonly user?: string
}

export const template = { type: 'sql', kind: 'client', system: 'mariadb', peerTags: [tags.DB_NAME] } as const

export function connectionTags({
  host,
  port,
  database,
  user,
}: Options = {}): Record<string, string | number | undefined> {
  return {
    [tags.DB_TYPE]: 'mariadb',
    [tags.DB_NAME]: database,
    [tags.DB_USER]: user,
    [tags.OUT_HOST]: host,
    [tags.DESTINATION_PORT]: port,
  }
}
