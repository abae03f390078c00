// Sends GET requests over keep-alive connections and times each one: as fast as they are answered, or at a fixed rate.
//
// Bare sockets instead of Node's HTTP client: on a small machine the load must leave the server its core.

import { once } from 'node:events'
import { connect } from 'node:net'
import { setTimeout as wait } from 'node:timers/promises'

const HEADERS_END = '\r\n\r\n'

/** A closed loop: each connection asks again when it is answered. Gives the latencies in milliseconds. Throws at any answer but 200. */
export function applyLoad({ port, path, connections, requests }) {
  let left = requests
  return withConnections({ port, path, connections }, (all, { fail, succeed }) => {
    const latencies = []
    for (const connection of all) {
      const next = () => {
        if (left === 0) {
          if (latencies.length === requests) succeed(latencies)
          return
        }
        left--
        const sentAtMs = performance.now()
        connection.get((error) => {
          if (error !== undefined) return fail(error)
          latencies.push(performance.now() - sentAtMs)
          next()
        })
      }
      next()
    }
  })
}

/**
 * An open loop: requests come at a fixed rate, whether or not the earlier ones are answered, as those of a program's many users
 * do. A request that finds no free connection waits, and that counts.
 */
export function applyRate({ port, path, connections, perSecond, durationMs }) {
  return withConnections({ port, path, connections }, async (idle, { fail, succeed }) => {
    const latencies = []
    const waiting = []
    const total = Math.round((perSecond * durationMs) / 1000)
    const send = (connection, dueAtMs) =>
      connection.get((error) => {
        if (error !== undefined) return fail(error)
        latencies.push(performance.now() - dueAtMs)
        if (latencies.length === total) return succeed(latencies)
        if (waiting.length > 0) send(connection, waiting.shift())
        else idle.push(connection)
      })
    const beginMs = performance.now()
    for (let sent = 0; sent < total; ) {
      await wait(1)
      const nowMs = performance.now()
      for (; sent < Math.min(total, ((nowMs - beginMs) / 1000) * perSecond); sent++) {
        if (idle.length > 0) send(idle.pop(), nowMs)
        else waiting.push(nowMs)
      }
    }
  })
}

/** Opens connections, gives them to `use`, and closes them when it succeeds or fails. */
async function withConnections({ port, path, connections }, use) {
  const all = await Promise.all(Array.from({ length: connections }, () => openConnection(port, path)))
  try {
    return await new Promise((succeed, fail) => use([...all], { succeed, fail }))
  } finally {
    for (const connection of all) connection.close()
  }
}

async function openConnection(port, path) {
  const request = `GET ${path} HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\nUser-Agent: bench/1.0\r\nAccept: application/json\r\nAccept-Encoding: identity\r\n\r\n`
  const socket = connect({ port, host: '127.0.0.1', noDelay: true })
  socket.setEncoding('latin1')
  await once(socket, 'connect')
  let received = ''
  let done
  const fail = (error) => done?.(error)
  socket.on('error', fail)
  socket.on('close', () => fail(new Error('the server closed a connection')))
  socket.on('data', (part) => {
    received += part
    if (!isWhole(received)) return
    const answer = received
    received = ''
    if (answer.startsWith('HTTP/1.1 200 ')) done()
    else fail(new Error(`answered ${answer.slice(0, 200)}`))
  })
  return {
    /** Calls back without an error when the answer is whole. */
    get(callback) {
      done = callback
      socket.write(request)
    },
    close() {
      done = undefined
      socket.destroy()
    },
  }
}

function isWhole(answer) {
  const headersEnd = answer.indexOf(HEADERS_END)
  if (headersEnd === -1) return false
  const length = /\r\ncontent-length: (\d+)/i.exec(answer)
  if (length === null) throw new Error('an answer has no Content-Length')
  return answer.length >= headersEnd + HEADERS_END.length + Number(length[1])
}
