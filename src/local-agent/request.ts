// What the routes ask of a request before they answer it.

import type { IncomingMessage } from 'node:http'
import { Refusal } from './refusal'

export function mustUse(request: IncomingMessage, ...methods: string[]): void {
  if (!methods.includes(request.method ?? '')) throw new Refusal(405, `use ${methods.join(' or ')}`)
}

export function mustBePlain({ headers }: IncomingMessage): void {
  if (headers['content-encoding']) throw new Refusal(415, 'compressed bodies are not taken')
}

/** A whole number of the query, within bounds; `otherwise` without one. */
export function wholeNumber(query: URLSearchParams, name: string, otherwise: number, min = 1, max = 1e9): number {
  const asked = query.get(name)
  if (asked === null) return otherwise
  const number = /^\d{1,9}$/.test(asked) ? Number(asked) : -1
  if (number < min || number > max) {
    throw new Refusal(400, `${name} is a whole number from ${min}${max === 1e9 ? '' : ` to ${max}`}`)
  }
  return number
}
