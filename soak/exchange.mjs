// What clients send and how they read the answers, each of which is looked at: its status, and that it is the answer to this request.
//
// Bare sockets instead of Node's HTTP client: on a small machine the load must leave the program its core.

import { once } from 'node:events'
import { createRequire } from 'node:module'
import { connect } from 'node:net'

const { KINDS, BIG_BYTES, pathOf } = createRequire(import.meta.url)('./kinds.cjs')

const HOST = '127.0.0.1'
export const HEADERS_END = '\r\n\r\n'
/** Faults that are told one by one. */
const MAX_TOLD = 10

let faults = []
let faulty = 0

export function fault(text) {
  faulty++
  if (faults.length < MAX_TOLD) faults.push(text)
}

/** The result with the faults since the last one. */
export function told(result) {
  const all = { ...result, faulty, faults }
  faulty = 0
  faults = []
  return all
}

/** The bytes of a request. */
export function requestOf(kind, number) {
  const { body } = KINDS[kind]
  const text = body?.(number)
  const about = text === undefined ? '' : `Content-Type: application/json\r\nContent-Length: ${text.length}\r\n`
  const method = text === undefined ? 'GET' : 'POST'
  return `${method} ${pathOf(kind, number)} HTTP/1.1\r\nHost: shop.test\r\nUser-Agent: soak/1.0\r\n${about}\r\n${text ?? ''}`
}

/** Takes answers out of what a connection receives. */
export class Answers {
  #text = ''
  /** Where the answer ends that has begun to arrive. */
  #end = -1
  #bodyAt = 0

  /** Calls `each(status, body)` for each that is whole. */
  take(part, each) {
    this.#text += part
    while (this.#text !== '') {
      if (this.#end === -1 && !this.#readHead()) return
      if (this.#text.length < this.#end) return
      const status = Number(this.#text.slice(9, 12))
      const body = this.#text.slice(this.#bodyAt, this.#end)
      this.#text = this.#text.slice(this.#end)
      this.#end = -1
      each(status, body)
    }
  }

  #readHead() {
    const at = this.#text.indexOf(HEADERS_END)
    if (at === -1) return false
    const length = /\r\ncontent-length: (\d+)/i.exec(this.#text.slice(0, at))
    if (length === null) throw new Error(`an answer has no Content-Length: ${this.#text.slice(0, at)}`)
    this.#bodyAt = at + HEADERS_END.length
    this.#end = this.#bodyAt + Number(length[1])
    return true
  }
}

export function check(kind, number, status, body) {
  if (status !== KINDS[kind].status) fault(`${pathOf(kind, number)} was answered ${status}: ${body.slice(0, 100)}`)
  else if (!new RegExp(`"request":${number}\\b`).test(body.slice(0, 60)))
    fault(`${pathOf(kind, number)} got the answer of another request: ${body.slice(0, 100)}`)
  else if (kind === 'big' && body.length < BIG_BYTES) fault(`${pathOf(kind, number)} got ${body.length} bytes`)
}

/** A connection. */
export async function open(port) {
  const socket = connect({ port, host: HOST, noDelay: true })
  socket.setEncoding('latin1')
  await once(socket, 'connect')
  return socket
}
