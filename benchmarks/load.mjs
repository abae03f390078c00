// Sends a fixed number of GET requests over keep-alive connections and times each one.
//
// Bare sockets instead of Node's HTTP client: on a small machine the load must leave the server its core.

import { once } from 'node:events'
import { connect } from 'node:net'

const HEADERS_END = '\r\n\r\n'

/** Gives the latencies in milliseconds. Throws at any answer but 200. */
export async function applyLoad({ port, path, connections, requests }) {
  const request = `GET ${path} HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\nUser-Agent: bench/1.0\r\nAccept: application/json\r\nAccept-Encoding: identity\r\n\r\n`
  const latencies = []
  let left = requests
  const work = async () => {
    const socket = connect({ port, host: '127.0.0.1', noDelay: true })
    socket.setEncoding('latin1')
    await once(socket, 'connect')
    await new Promise((resolve, reject) => {
      let received = ''
      let sentAtMs = 0
      const next = () => {
        if (left === 0) return resolve()
        left--
        received = ''
        sentAtMs = performance.now()
        socket.write(request)
      }
      socket.on('error', reject)
      socket.on('close', () => reject(new Error('the server closed a connection')))
      socket.on('data', (part) => {
        received += part
        if (!isWhole(received)) return
        if (!received.startsWith('HTTP/1.1 200 ')) return reject(new Error(`answered ${received.slice(0, 200)}`))
        latencies.push(performance.now() - sentAtMs)
        next()
      })
      next()
    })
    socket.destroy()
  }
  await Promise.all(Array.from({ length: connections }, work))
  return latencies
}

function isWhole(answer) {
  const headersEnd = answer.indexOf(HEADERS_END)
  if (headersEnd === -1) return false
  const length = /\r\ncontent-length: (\d+)/i.exec(answer)
  if (length === null) throw new Error('an answer has no Content-Length')
  return answer.length >= headersEnd + HEADERS_END.length + Number(length[1])
}
