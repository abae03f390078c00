// Sets the stage: real servers, a folder in which `dd` and the libraries are installed, the clients, the Agents; and starts the program in it.

import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { NODES } from '../scripts/nodes.mjs'
import { Child } from './child.mjs'

const here = dirname(fileURLToPath(import.meta.url))
const root = dirname(here)

const LIBRARIES = { express: '5.3.0', pg: '8.23.1', redis: '5.12.1' }
/** The items that requests ask for. */
const SCHEMA = `
  drop table if exists item;
  create table item (id int primary key, name text not null, price numeric not null, stock int not null);
  insert into item select id, 'item ' || id, id / 10.0, 0 from generate_series(0, 999) as id;`

/** @param build the folder that `dd` and its tests are built in */
export async function setStage(build, nodeMajor) {
  const require = createRequire(import.meta.url)
  const { PackageSet } = require(join(build, 'test', 'support', 'npm-packages.js'))
  const { obtain, postgres, redis, stopServices } = require(join(build, 'test', 'services', 'index.js'))
  const { cleanEnv } = require(join(build, 'test', 'support', 'clean-env.js'))

  const folder = mkdtempSync(join(tmpdir(), 'dd-soak-'))
  const children = new Set()
  const close = async () => {
    for (const child of children) await child.stop()
    await stopServices()
    rmSync(folder, { recursive: true, force: true })
  }
  try {
    const node = await nodeOf(nodeMajor, PackageSet)
    const set = new PackageSet('soak', LIBRARIES)
    await set.install()
    const running = {}
    for (const service of [redis, postgres]) {
      const outcome = await obtain(service)
      if ('missing' in outcome) throw new Error(`there is no ${service.name} here: ${outcome.missing}`)
      if (!outcome.concurrent) throw new Error(`${outcome.from} takes one connection at a time`)
      running[service.name] = outcome
    }
    const { url } = running.PostgreSQL
    const { Client } = set.require('pg')
    const database = new Client({ connectionString: url })
    await database.connect()
    await database.query(SCHEMA)
    await database.end()
    install(folder, build, set.folder)

    const start = (file, options) => {
      const child = new Child(file, options)
      children.add(child)
      return child
    }
    return {
      node,
      versions: {
        ...LIBRARIES,
        ...Object.fromEntries(Object.entries(running).map(([name, { version }]) => [name, version])),
      },
      load: start(join(here, 'load.mjs')),
      startAgent: () => start(join(here, 'agent.mjs'), { args: [build] }),
      /** Without an Agent it is the program alone. */
      async startProgram({ agentUrl, env = {} } = {}) {
        const traced = { DD_SERVICE: 'shop', DD_TRACE_AGENT_URL: agentUrl, SOAK_BUILD: build, ...env }
        const child = start(join(folder, 'app.js'), {
          execPath: node,
          // v8.queryObjects warns.
          execArgv: [
            '--expose-gc',
            '--disable-warning=ExperimentalWarning',
            ...(agentUrl === undefined ? [] : ['--require', 'dd/init']),
          ],
          cwd: folder,
          env: cleanEnv({ REDIS_URL: running.Redis.url, POSTGRES_URL: url, ...(agentUrl === undefined ? {} : traced) }),
        })
        const { port } = await child.ask('start')
        return Object.assign(child, { port })
      },
      async stop(child) {
        children.delete(child)
        await child.stop()
      },
      close,
    }
  } catch (error) {
    await close()
    throw error
  }
}

/** The Node of a major from the cache of the tests; the one that runs this, if none is asked for. */
async function nodeOf(major, PackageSet) {
  if (major === undefined || major === process.versions.node.split('.', 1)[0]) return process.execPath
  const version = NODES[major]
  if (version === undefined) throw new Error(`no Node ${major} here; there are ${Object.keys(NODES).join(', ')}`)
  const set = new PackageSet(`node ${version}`, { node: version }, ['node'])
  await set.install()
  return join(set.folder, 'node_modules', 'node', 'bin', 'node')
}

/** `node --require dd/init app.js` in this folder is what a user does. */
function install(folder, build, libraries) {
  copyFileSync(join(here, 'program.cjs'), join(folder, 'app.js'))
  for (const file of ['answers.cjs', 'kinds.cjs']) copyFileSync(join(here, file), join(folder, file))
  const modules = join(folder, 'node_modules')
  mkdirSync(join(modules, 'dd'), { recursive: true })
  copyFileSync(join(root, 'package.json'), join(modules, 'dd', 'package.json'))
  symlinkSync(build, join(modules, 'dd', 'dist'), 'junction')
  for (const name of Object.keys(LIBRARIES)) {
    symlinkSync(join(libraries, 'node_modules', name), join(modules, name), 'junction')
  }
}

export const ownVersion = () => JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')).version
