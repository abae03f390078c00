// The child's side of `child.mjs`: answers what the parent asks over the IPC channel, and ends when that closes.

/** @param handlers by what is asked: what to do with the data, and what to answer, a promise perhaps. */
module.exports = function answer(handlers) {
  process.on('message', async ({ id, what, data }) => {
    try {
      process.send({ id, result: await handlers[what](data) })
    } catch (error) {
      process.send({ id, error: String(error?.stack ?? error) })
    }
  })
  process.on('disconnect', () => process.exit())
}
