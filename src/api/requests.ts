// The requests that calls are made of, by their verbs. Members of a query that are undefined are left out, and so is a body that is.

import type { Call } from './api-caller'

type Query = NonNullable<Call['query']>

export function get(path: string, query?: Query): Call {
  return { verb: 'GET', path, query }
}

export function post(path: string, body?: unknown, query?: Query): Call {
  return { verb: 'POST', path, body, query }
}

export function put(path: string, body: unknown, query?: Query): Call {
  return { verb: 'PUT', path, body, query }
}

/** DELETE. */
export function remove(path: string, query?: Query): Call {
  return { verb: 'DELETE', path, query }
}
