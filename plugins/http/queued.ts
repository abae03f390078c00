// Responses that wait for others on their connection, whose client has sent several requests at once. Node tells such a one nothing when
// the connection closes, so the connection is listened to: once for all that wait on it.

import type { IncomingMessage, ServerResponse } from 'node:http'
import { hiddenField, type Patcher } from '../../src/plugin'

const queues = hiddenField<Set<ServerResponse>>()
/** Connections that are listened to: most programs never have one. */
let watched = 0

/** To be called when a request comes. */
export function watchQueued({ socket }: IncomingMessage, response: ServerResponse, patcher: Patcher): void {
  if (response.socket !== null) return
  const known = queues.get(socket)
  const queue = known ?? new Set()
  queue.add(response)
  if (known !== undefined) return
  queues.set(socket, queue)
  watched++
  socket.once('close', () => {
    watched--
    for (const waiting of queue) patcher.closed(waiting)
  })
}

/** To be called when a request is over. */
export function leaveQueue({ socket }: IncomingMessage, response: ServerResponse): void {
  if (watched > 0 && socket !== undefined) queues.get(socket)?.delete(response)
}
