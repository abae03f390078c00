// How a measured server is told to begin and to end counting its CPU time, over the IPC channel.

const { setTimeout: wait } = require('node:timers/promises')
const adapters = require('./adapters.cjs')

/** Long enough for answers to payloads that were on their way before the last flush. */
const SETTLE_MS = 200

/** @param peer whose spans are sent before the count ends; `bare` has none */
exports.obey = (peer) => {
  let cpuAtBegin
  process.on('message', async (what) => {
    if (what === 'begin') {
      cpuAtBegin = process.cpuUsage()
      process.send({})
      return
    }
    if (peer !== 'bare') {
      await adapters[peer].flush()
      await wait(SETTLE_MS)
    }
    const { user, system } = process.cpuUsage(cpuAtBegin)
    process.send({ cpuMicros: user + system })
  })
  process.on('disconnect', () => process.exit())
}
