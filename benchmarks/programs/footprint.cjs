// How much memory this process has after full garbage collections. Needs --expose-gc.

const { setTimeout: wait } = require('node:timers/promises')

/** What finalizers and weak references let go of takes another round. */
const COLLECTIONS = 3

/** At once: nothing else runs meanwhile. */
exports.footprintNow = () => {
  for (let i = 0; i < COLLECTIONS; i++) globalThis.gc()
  const { heapUsed, external, rss } = process.memoryUsage()
  return { heap: heapUsed + external, rss }
}

/** When the process has come to rest. */
exports.footprintAtRest = async () => {
  await wait(500)
  exports.footprintNow()
  await wait(100)
  return exports.footprintNow()
}
