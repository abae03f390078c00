// Rude clients: they go away at any time, send half a request, ask several things at once, read slowly.

import { once } from 'node:events'
import { createRequire } from 'node:module'
import { Answers, check, fault, HEADERS_END, open, requestOf, told } from './exchange.mjs'

const { pathOf } = createRequire(import.meta.url)('./kinds.cjs')

const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms))

/** Numbers between 0 and 1 that are the same in each run: a linear congruential generator, whose upper bits are good enough to choose by. */
function dice(seed) {
  let state = seed >>> 0
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return state / 2 ** 32
  }
}

/** Longer than a request takes, so that some are left in each of its parts and some after it. */
const LONGEST_STAY_MS = 25
const SLOW_BYTES = 64 * 1024
const SLOW_PAUSE_MS = 3

/** What rude clients do; each gets a connection, and a number for each request by `take()`. */
const MANNERS = {
  async 'comes and goes'(socket, { leave }) {
    leave(socket)
  },

  async 'sends half of the headers'(socket, { take, throwDice, leave }) {
    const text = requestOf('item', take())
    socket.write(text.slice(0, 1 + Math.floor(throwDice() * (text.length - 4))))
    await pause(throwDice() * LONGEST_STAY_MS)
    leave(socket)
  },

  async 'sends half of a body'(socket, { take, throwDice, leave }) {
    const text = requestOf('order', take())
    const head = text.indexOf(HEADERS_END) + HEADERS_END.length
    socket.write(text.slice(0, head + Math.floor(throwDice() * (text.length - head - 1))))
    await pause(throwDice() * LONGEST_STAY_MS)
    leave(socket)
  },

  async 'leaves before the answer'(socket, { take, throwDice, leave }) {
    const kind = ['item', 'both', 'order', 'fails', 'wrong', 'nothing'][Math.floor(throwDice() * 6)]
    socket.write(requestOf(kind, take()))
    await pause(throwDice() * LONGEST_STAY_MS)
    leave(socket)
  },

  async 'says that it sends no more'(socket, { take }) {
    // Which Node takes for the end of both sides, unless the answer is quicker.
    socket.end(requestOf('item', take()))
    await once(socket.resume(), 'close')
  },

  async 'asks several before the first answer'(socket, { take, expectAnswers }) {
    const asked = ['item', 'fails', 'order', 'both'].map((kind) => [kind, take()])
    socket.write(asked.map(([kind, number]) => requestOf(kind, number)).join(''))
    await expectAnswers(socket, asked)
    socket.destroy()
  },

  async 'asks several and leaves'(socket, { take, throwDice, leave }) {
    const asked = ['item', 'both', 'order', 'nothing'].map((kind) => requestOf(kind, take()))
    socket.write(asked.join(''))
    await pause(throwDice() * LONGEST_STAY_MS)
    leave(socket)
  },

  async 'reads slowly'(socket, { take, expectAnswers }) {
    const number = take()
    let read = 0
    socket.on('data', (part) => {
      read += part.length
      if (read < SLOW_BYTES) return
      read = 0
      socket.pause()
      setTimeout(() => socket.resume(), SLOW_PAUSE_MS)
    })
    socket.write(requestOf('big', number))
    await expectAnswers(socket, [['big', number]])
    socket.destroy()
  },

  async 'reads slowly and leaves'(socket, { take, throwDice, leave }) {
    socket.write(requestOf('big', take()))
    socket.once('data', () => socket.pause())
    await pause(throwDice() * LONGEST_STAY_MS)
    leave(socket)
  },
}

/** `requests` numbers from `from` on, by rude clients, `connections` at a time. */
export async function rude({ port, from, requests, connections, seed }) {
  const throwDice = dice(seed)
  const manners = Object.entries(MANNERS)
  const done = Object.fromEntries(manners.map(([name]) => [name, 0]))
  let next = from
  let answered = 0
  const expectAnswers = (socket, asked) =>
    new Promise((resolve) => {
      const answers = new Answers()
      const left = [...asked]
      const end = () => {
        socket.off('close', end)
        if (left.length > 0) fault(`${left.map(([kind, number]) => pathOf(kind, number)).join()} were not answered`)
        resolve()
      }
      socket.on('close', end)
      socket.on('data', (part) =>
        answers.take(part, (status, body) => {
          const [kind, number] = left.shift()
          answered++
          check(kind, number, status, body)
          if (left.length === 0) end()
        }),
      )
    })
  const tools = {
    throwDice,
    expectAnswers,
    take: () => next++,
    leave: (socket) => (throwDice() < 0.5 ? socket.resetAndDestroy() : socket.destroy()),
  }
  const work = async () => {
    while (next - from < requests) {
      const [name, manner] = manners[Math.floor(throwDice() * manners.length)]
      done[name]++
      const socket = await open(port)
      socket.on('error', () => {})
      await manner(socket, tools)
    }
  }
  await Promise.all(Array.from({ length: connections }, work))
  return told({ next, answered, done })
}
