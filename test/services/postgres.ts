// PostgreSQL for the tests, from the first of these places that has one: the URL in DD_TEST_POSTGRES_URL; a server on
// the usual port that takes user and password "postgres" (or PGUSER, PGPASSWORD, PGDATABASE); an installed program; the
// Debian package; PGlite from npm. What the tests create there has to be temporary: it may be somebody's own server.
// A URL that was asked for but does not answer is an error, not a reason to test something else.

import { execFile } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, readdirSync, realpathSync } from 'node:fs'
import { connect } from 'node:net'
import { delimiter, dirname, join } from 'node:path'
import { promisify } from 'node:util'
import { cleanEnv } from '../support/clean-env'
import { freePort } from '../support/free-port'
import { repoRoot } from '../support/repo-root'
import { installDebianPackage } from './debian-package'
import { fromEnvironmentOr } from './places'
import { say } from './say'
import { type ServerOptions, startServerProcess } from './server-process'
import type { Missing, RunningService, Service } from './service'
import { systemUser } from './system-user'

const host = '127.0.0.1'
const usualPort = 5432
const debianBinaries = '/usr/lib/postgresql'
/** The package would make a cluster and start it on the usual port. */
const withoutCluster = {
  path: '/etc/postgresql-common/createcluster.d/dd-test.conf',
  text: 'create_main_cluster = false\n',
}
/** For a server that was just started; 1.5 s is usual, 5 s for PGlite. */
const startPatienceMs = 30_000

export const postgres: Service = { name: 'PostgreSQL', start }

function start(): Promise<RunningService | Missing> {
  return fromEnvironmentOr('DD_TEST_POSTGRES_URL', (url) => probe(url, 2000), [
    [`port ${usualPort}`, fromUsualPort],
    ['installed program', fromInstalledProgram],
    ['Debian package', fromDebianPackage],
    ['PGlite', fromPglite],
  ])
}

async function fromUsualPort(): Promise<RunningService> {
  await connection(usualPort)
  const { PGUSER = 'postgres', PGPASSWORD = 'postgres', PGDATABASE = 'postgres' } = process.env
  const [user, password, database] = [PGUSER, PGPASSWORD, PGDATABASE].map(encodeURIComponent)
  const url = `postgres://${user}:${password}@${host}:${usualPort}/${database}`
  const version = await probe(url, 0)
  return { url, version, from: `port ${usualPort}`, concurrent: true, stop: async () => {} }
}

async function fromInstalledProgram(): Promise<RunningService> {
  const folder = binaryFolder()
  if (!folder) throw new Error(`no initdb and postgres in ${debianBinaries} or on PATH`)
  return launch(folder, folder)
}

async function fromDebianPackage(): Promise<RunningService> {
  await installDebianPackage('postgresql', withoutCluster)
  const folder = binaryFolder()
  if (!folder) throw new Error('it was installed without initdb and postgres')
  return launch(folder, 'Debian package postgresql')
}

async function fromPglite(): Promise<RunningService> {
  say('no PostgreSQL server here, using PGlite: tests that need several connections are skipped')
  const port = await freePort()
  const command = () => [process.execPath, join(__dirname, 'pglite-server.js'), String(port)]
  return whenReady({ name: 'pglite', command }, port, { from: 'PGlite', concurrent: false })
}

/** PostgreSQL refuses root; whoever else runs the tests also runs the server. */
async function launch(binaries: string, from: string): Promise<RunningService> {
  const port = await freePort()
  const make = `"${binaries}/initdb" -D data -U postgres -A trust -E UTF8 --locale=C --no-sync`
  const serve = `exec "${binaries}/postgres" -D data -p ${port} -k "$PWD" -c listen_addresses=${host}`
  const careless = '-c fsync=off -c full_page_writes=off -c synchronous_commit=off'
  const options: ServerOptions = {
    name: 'postgres',
    command: () => ['/bin/sh', '-c', `${make} && ${serve} ${careless}`],
    // The others wait for clients or leave shared memory behind.
    stopSignal: 'INT',
    user: process.getuid?.() === 0 ? systemUser('postgres') : undefined,
  }
  return whenReady(options, port, { from, concurrent: true })
}

async function whenReady(
  options: ServerOptions,
  port: number,
  facts: Pick<RunningService, 'from' | 'concurrent'>,
): Promise<RunningService> {
  const url = `postgres://postgres:postgres@${host}:${port}/postgres`
  const server = startServerProcess(options)
  const ended = new AbortController()
  server.failed.catch(() => ended.abort())
  try {
    const version = await Promise.race([probe(url, startPatienceMs, ended.signal), server.failed])
    return { url, version, ...facts, stop: server.stop }
  } catch (error) {
    await server.stop()
    throw error
  }
}

/** The version of the server, once it answers. */
async function probe(url: string, patienceMs: number, signal?: AbortSignal): Promise<string> {
  const program = join(__dirname, 'postgres-probe.js')
  const options = { cwd: repoRoot, env: cleanEnv(), signal }
  try {
    const { stdout } = await promisify(execFile)(process.execPath, [program, url, String(patienceMs)], options)
    return stdout.replace(/ on .*/, '')
  } catch (error) {
    throw new Error((error as { stderr?: string }).stderr || (error as Error).message)
  }
}

/** The newest of Debian's, else the first on PATH that has both programs. */
function binaryFolder(): string | undefined {
  const versions = existsSync(debianBinaries) ? readdirSync(debianBinaries).sort((a, b) => Number(b) - Number(a)) : []
  const onPath = (process.env['PATH'] ?? '').split(delimiter).map((folder) => {
    const initdb = join(folder, 'initdb')
    return existsSync(initdb) ? dirname(realpathSync(initdb)) : folder
  })
  const folders = [...versions.map((version) => join(debianBinaries, version, 'bin')), ...onPath]
  return folders.find((folder) => ['initdb', 'postgres'].every((program) => existsSync(join(folder, program))))
}

async function connection(port: number): Promise<void> {
  const socket = connect(port, host)
  try {
    await once(socket, 'connect')
  } finally {
    socket.destroy()
  }
}
