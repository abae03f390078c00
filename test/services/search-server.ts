// What the search servers have in common: the jars of one come from Maven Central, and a small Java program in its folder starts a
// single node of it.

import { mkdirSync, readdirSync, renameSync } from 'node:fs'
import { join } from 'node:path'
import { freePort } from '../support/free-port'
import { greet, httpGreeting } from './greeting'
import { javaLibrary } from './java-library'
import { startLocalServer } from './local-server'
import { fromEnvironmentOr } from './places'
import type { Service } from './service'

const host = '127.0.0.1'
const greeting = httpGreeting(/"number"\s*:\s*"([^"]+)"/)

interface SearchServer {
  /** As in the test report. */
  readonly name: string
  /** Of its files here. */
  readonly folder: string
  /** The environment variable that names one to use. */
  readonly variable: string
  /** The jar, by the beginning of its name, that the server loads by itself and that must not be on the class path. */
  readonly module?: string
}

export function searchServer({ name, folder, variable, module }: SearchServer): Service {
  return {
    name,
    start: () =>
      fromEnvironmentOr(variable, (url) => greet(new URL(url).hostname, Number(new URL(url).port || 9200), greeting), [
        [
          'Maven Central',
          async () => {
            const library = await javaLibrary(folder, (making) => setAside(making, module))
            const port = await freePort()
            return startLocalServer({
              name: folder,
              command: (data) => [
                ...[library.java, '-Xms128m', '-Xmx512m', '-XX:+UseSerialGC', '-XX:TieredStopAtLevel=1'],
                ...['-cp', `${join(library.folder, 'classes')}:${join(library.folder, 'lib', '*')}`],
                ...['SearchServer', data, String(port), join(library.folder, 'module')],
              ],
              url: `http://${host}:${port}`,
              from: library.from,
              version: () => greet(host, port, greeting),
            })
          },
        ],
      ]),
  }
}

function setAside(library: string, module: string | undefined): void {
  if (module === undefined) return
  mkdirSync(join(library, 'module'))
  for (const jar of readdirSync(join(library, 'lib'))) {
    if (jar.startsWith(module)) renameSync(join(library, 'lib', jar), join(library, 'module', jar))
  }
}
