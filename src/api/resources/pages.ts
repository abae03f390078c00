// Lists that come in several answers.

import type { Call } from '../api-caller'
import { items, type Send } from '../resource'

/** The body of the last answer, and what all of them list. */
interface Pages<T> {
  readonly body: unknown
  readonly found: readonly T[]
}

/**
 * Reads pages until there are no more.
 * @param name of the member that lists
 * @param callAt the request for what comes after so many
 * @param isLast whether a page is, of so many items, with so many read in all
 */
export async function allPages<T extends { readonly id?: unknown }>(
  send: Send,
  name: string,
  callAt: (offset: number) => Call,
  isLast: (pageLength: number, read: number, body: unknown) => boolean,
): Promise<Pages<T>> {
  const byId = new Map<unknown, T>()
  for (let offset = 0; ; ) {
    const answer = await send(callAt(offset))
    const { body } = answer
    const page = items<T>(name)(body, answer)
    const known = byId.size
    for (const item of page) byId.set(item.id ?? item, item)
    offset += page.length
    // A server that does not know of pages gives the same again.
    if (byId.size === known || isLast(page.length, offset, body)) return { body, found: [...byId.values()] }
  }
}
