// What does a request cost when the tracer is installed and switched off?
//
// The Express program of request-cost, preloaded with DD_TRACE_ENABLED=false. What is looked for is less than a hundredth of a
// request, and one process differs from the next by more than that. So each round has a process of every peer side by side, and
// they are asked in turn, 500 requests at a time; which one comes first changes each time. A round's value is the median of its turns.

import { startServer } from './measured-server.mjs'
import { tracers } from './peers.mjs'
import { median, medianAndSpread, quantile } from './summary.mjs'

export const name = 'disabled'
export const question = 'CPU time per Express request with the tracer switched off'
export const rounds = 9

const REQUESTS = 500
const TURNS = 40
/** Also in turn: a server that waits, warm, while the others start is some percent slower afterwards. */
const WARM_UP_TURNS = 12
const ROUTE = '/api/users/42?verbose=1'

const OFF = { DD_TRACE_ENABLED: 'false' }
export const peers = (ddFolder) => tracers(ddFolder, ['bare', 'dd', 'dd-trace'], { dd: OFF, 'dd-trace': OFF })

export const targets = [
  {
    what: 'switched off: CPU added per request',
    goal: '≤ 1 % of a request',
    atMost: 1,
    value: (samples) => median(share(samples.dd, samples.bare)),
    show: (value) => `${value.toFixed(1)} %`,
  },
]

/** Percent of the bare request, round by round. */
const share = ({ cpu }, bare) => cpu.map((value, round) => (value / bare.cpu[round] - 1) * 100)

export async function measureRound({ peers, round, ...setting }) {
  const servers = []
  try {
    for (const { peer, env } of inTurn(peers, round)) {
      // It has nothing to send: for the program it is bare.
      const args = ['bare', '0']
      const options = { file: 'express-server.cjs', args, path: ROUTE, warmUp: REQUESTS, isSending: false }
      const server = await startServer({ ...setting, ...options, peer, env })
      servers.push({ name: peer.name, load: server.load, stop: server.stop, cpu: [], spans: 0 })
    }
    for (let turn = 0; turn < WARM_UP_TURNS + TURNS; turn++) {
      for (const server of inTurn(servers, turn)) {
        const { cpu, spans } = await server.load(REQUESTS)
        if (turn >= WARM_UP_TURNS) server.cpu.push(cpu)
        server.spans += spans
      }
    }
    const sending = servers.find(({ spans }) => spans > 0)
    if (sending !== undefined) throw new Error(`${sending.name} is off and sent spans`)
    return Object.fromEntries(servers.map(({ name, cpu }) => [name, { cpu: median(cpu) }]))
  } finally {
    await Promise.all(servers.map(({ stop }) => stop()))
  }
}

/** Another one comes first each time. */
const inTurn = (all, turn) => all.map((_, place) => all[(turn + place) % all.length])

export function report({ bare, ...others }) {
  const rows = Object.entries(others).map(([peer, samples]) => {
    const shares = share(samples, bare)
    const spread = `${median(shares).toFixed(1)} % (${quantile(shares, 0.25).toFixed(1)}–${quantile(shares, 0.75).toFixed(1)})`
    return [peer, spread, medianAndSpread(samples.cpu, 1)]
  })
  return {
    headings: ['tracer, off', 'added to a request', 'µs CPU in all'],
    rows: [['bare', '', medianAndSpread(bare.cpu, 1)], ...rows],
  }
}
