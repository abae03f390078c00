// What answers a request for one address, once its path has been looked up in a table.

import type { IncomingMessage, ServerResponse } from 'node:http'
import { replyJson } from './reply'
import { mustUse } from './request'

/** @param parts of the agent, those that it needs */
export type Answer<Parts = void> = (
  request: IncomingMessage,
  response: ServerResponse,
  query: URLSearchParams,
  parts: Parts,
) => void | Promise<void>

/** Most addresses: they are asked by GET, and answer with JSON. */
export function reads<Parts = void>(answer: (query: URLSearchParams, parts: Parts) => object): Answer<Parts> {
  return (request, response, query, parts) => {
    mustUse(request, 'GET')
    replyJson(response, 200, answer(query, parts))
  }
}
