// The clients, in a process of their own: connections that ask one request after another, a thousand that ask at once, and rude ones.

import { createRequire } from 'node:module'
import { Answers, check, fault, open, requestOf, told } from './exchange.mjs'
import { rude } from './rude.mjs'

const require = createRequire(import.meta.url)
const answer = require('./answers.cjs')
const { kindOf, pathOf } = require('./kinds.cjs')

function summaryOf(latencies) {
  const sorted = Float64Array.from(latencies).sort()
  const at = (share) => sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? 0
  return { p50: at(0.5), p99: at(0.99), largest: at(1) }
}

/** Requests from `from` on, until `requests` are done or `durationMs` have passed. */
async function steady({ port, from, requests = Number.POSITIVE_INFINITY, durationMs, connections }) {
  const until = durationMs === undefined ? Number.POSITIVE_INFINITY : performance.now() + durationMs
  const latencies = []
  let next = from
  const work = async () => {
    const socket = await open(port)
    await new Promise((resolve) => {
      const answers = new Answers()
      let sentAtMs = 0
      let number
      let kind
      const ask = () => {
        if (next - from >= requests || performance.now() >= until) return end()
        number = next++
        kind = kindOf(number)
        sentAtMs = performance.now()
        socket.write(requestOf(kind, number))
      }
      const end = () => {
        number = undefined
        socket.destroy()
        resolve()
      }
      socket.on('error', (error) => fault(`a connection failed: ${error.message}`))
      socket.on('close', () => {
        if (number === undefined) return
        fault(`the connection of ${pathOf(kind, number)} was closed`)
        resolve()
      })
      socket.on('data', (part) =>
        answers.take(part, (status, body) => {
          latencies.push(performance.now() - sentAtMs)
          check(kind, number, status, body)
          ask()
        }),
      )
      ask()
    })
  }
  await Promise.all(Array.from({ length: connections }, work))
  return told({ next, answered: latencies.length, latencies: summaryOf(latencies) })
}

/** As many connections as requests, all asking at the same time. */
async function atOnce({ port, from, requests }) {
  const sockets = await Promise.all(Array.from({ length: requests }, () => open(port)))
  const began = performance.now()
  const latencies = []
  const work = (socket, index) =>
    new Promise((resolve) => {
      const number = from + index
      const kind = kindOf(number)
      const answers = new Answers()
      socket.on('error', (error) => fault(`a connection failed: ${error.message}`))
      socket.on('close', resolve)
      socket.on('data', (part) =>
        answers.take(part, (status, body) => {
          latencies.push(performance.now() - began)
          check(kind, number, status, body)
          socket.destroy()
        }),
      )
      socket.write(requestOf(kind, number))
    })
  await Promise.all(sockets.map(work))
  if (latencies.length !== requests) fault(`${requests - latencies.length} of ${requests} were not answered`)
  return told({ next: from + requests, answered: latencies.length, latencies: summaryOf(latencies) })
}

answer({ steady, atOnce, rude })
