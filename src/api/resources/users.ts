// Inviting people.
// Source: API reference, "Users" (v2).

import { list, type OneOrMore } from '../call-checks'
import { ApiError } from '../errors'
import { get, post } from '../requests'
import { type ApiModes, items, member, Resource, type Result, type Send } from '../resource'

const USERS = '/api/v2/users'

interface User {
  readonly id: string
  readonly attributes?: { readonly email?: string }
}

interface Invitation {
  readonly relationships?: { readonly user?: { readonly data?: { readonly id?: string } } }
}

export class Users<M extends ApiModes> extends Resource<M> {
  /**
   * Sends people an invitation to the organisation; who is not known yet becomes a user first.
   *
   * Endpoint: `POST /api/v2/users` for each, then `POST /api/v2/user_invitations`, with API key and application key, permission
   * `user_access_invite`.
   * @example const invited = await api.invite(['ada@example.com', 'grace@example.com'])
   * @param emails one address or several
   * @returns the addresses that are invited
   */
  async invite(emails: OneOrMore): Promise<Result<string[], M>> {
    const addresses = list('emails', emails)
    if (addresses.length === 0 || addresses.includes('')) throw new TypeError('emails is an address, or a list of them')
    return this.run(async (send, isWhole) => {
      const byId = new Map<string, string>()
      for (const email of addresses) byId.set(await userId(send, email), email)
      const data = [...byId.keys()].map((id) => ({
        type: 'user_invitations',
        relationships: { user: { data: { type: 'users', id } } },
      }))
      const answer = await send(post('/api/v2/user_invitations', { data }))
      const { body } = answer
      const invited = items<Invitation>('data')(body, answer).flatMap(({ relationships }) => {
        const email = byId.get(relationships?.user?.data?.id ?? '')
        return email === undefined ? [] : [email]
      })
      return (isWhole ? body : invited) as string[]
    })
  }
}

/** Of a new user, or of the one who has the address. */
async function userId(send: Send, email: string): Promise<string> {
  try {
    const made = await send(post(USERS, { data: { type: 'users', attributes: { email } } }))
    return member<string>('id')(member<User>('data')(made.body, made), made)
  } catch (error) {
    if (!(error instanceof ApiError) || error.status !== 409) throw error
    const found = await send(get(USERS, { filter: email }))
    const users = items<User>('data')(found.body, found)
    const known = users.find(({ attributes }) => attributes?.email?.toLowerCase() === email.toLowerCase())
    if (known === undefined) throw error
    return member<string>('id')(known, found)
  }
}
