// A job that sends its metrics to Datadog itself.
const { DogStatsApi } = require('dd/metrics')

const stats = new DogStatsApi()
// The key and the site are those of DD_API_KEY and DD_SITE; there is no Agent.
stats.start({ flushInterval: 10, tags: ['job:import'] })

const importFile = stats.timed('import.seconds')(async (file) =>
  stats.increment('import.files', 1, { tags: [`file:${file}`] }),
)

async function main() {
  for (const file of ['a.csv', 'b.csv']) await importFile(file)
  stats.gauge('import.done', 1)
  await stats.stop()
}

main()
