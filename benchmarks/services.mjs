// Real servers for the questions that need them, started on loopback in temporary folders by what the tests start them with.

import { createRequire } from 'node:module'
import { join } from 'node:path'

const require = createRequire(import.meta.url)

/** `{ urls, about, close }`, or `{ missing }`: what cannot be had, and why. */
export async function startServices(ddFolder, names) {
  const running = []
  const close = async () => {
    await Promise.all(running.map((service) => service.stop()))
  }
  try {
    for (const name of names) {
      const service = await require(join(ddFolder, 'test', 'services', `${name}.js`))[name].start()
      if (service.missing === undefined) running.push(service)
      const lack =
        service.missing ?? (service.concurrent ? undefined : `${service.from} takes one connection at a time`)
      if (lack === undefined) continue
      await close()
      return { missing: `${name}: ${lack}` }
    }
  } catch (error) {
    await close()
    throw error
  }
  return {
    urls: running.map(({ url }) => url),
    about: names.map((name, i) => `${name} ${running[i].version}`).join(', '),
    close,
  }
}
