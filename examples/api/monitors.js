// Keeps a monitor as it should be, and silent for an hour.
const { ApiError, DogHttpApi } = require('dd/api')

const api = new DogHttpApi({ swallow: false, timeout: 10 })

/** Makes a monitor, or changes the one that there is. */
async function keepMonitor(name, query) {
  const settings = {
    name,
    message: 'Too much to do @ops',
    tags: ['team:shop'],
    options: { thresholds: { critical: 4 } },
  }
  const all = await api.getAllMonitors({ name, monitorTags: 'team:shop' })
  const known = all.find((monitor) => monitor.name === name)
  return known ? api.updateMonitor(known.id, query, settings) : api.monitor('metric alert', query, settings)
}

async function main() {
  try {
    const monitorId = await keepMonitor('Load of the shop', 'avg(last_5m):avg:system.load.1{service:shop} > 4')
    const end = Math.floor(Date.now() / 1000) + 3600
    const downtimeId = await api.scheduleDowntime('service:shop', { monitorId, end, message: 'Moving house' })
    console.log(`monitor ${monitorId} is silent until downtime ${downtimeId} ends`)
  } catch (error) {
    if (!(error instanceof ApiError)) throw error
    console.error(`${error.status}: ${error.errors.join('; ')} (${error.advice ?? 'no advice'})`)
    process.exitCode = 1
  }
}

main()
