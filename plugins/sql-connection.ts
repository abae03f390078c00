// What spans tell of the connection to an SQL server, for the drivers that know theirs by the same four words.

import { tags } from '../src/plugin'

export interface SqlConnection {
  readonly host?: string
  readonly port?: number | string
  readonly database?: string
  readonly user?: string
}

/** @param type the server's, as in the tag `db.type` */
export function connectionTags(
  type: string,
  { host, port, database, user }: SqlConnection = {},
): Record<string, string | number | undefined> {
  return {
    [tags.DB_TYPE]: type,
    [tags.DB_NAME]: database,
    [tags.DB_USER]: user,
    [tags.OUT_HOST]: host,
    [tags.DESTINATION_PORT]: port === undefined ? undefined : Number(port),
  }
}
