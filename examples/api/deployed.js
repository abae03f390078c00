// Tells Datadog of a deployment.
const { DogHttpApi, isError } = require('dd/api')

// The keys and the site are those of DD_API_KEY, DD_APP_KEY and DD_SITE.
const api = new DogHttpApi()

async function main() {
  const id = await api.event('Deployed', 'Version 1.2.3 is out', { tags: ['env:prod'], alertType: 'success' })
  // A deployment need not fail because Datadog cannot be told of it.
  if (isError(id)) console.error(`Datadog was not told: ${id.errors.join('; ')}`)
  else console.log(`event ${id}`)
}

main()
