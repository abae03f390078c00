// Libraries that need no server, and what Node has itself.

import { execFile, execFileSync, execSync, spawn, spawnSync } from 'node:child_process'
import dns from 'node:dns'
import { once } from 'node:events'
import fs from 'node:fs'
import { connect as connectTo, createServer } from 'node:net'
import { Writable } from 'node:stream'
import { promisify } from 'node:util'
import type { MakeTasks, Task } from './program'

export const PACKAGES = {
  'better-sqlite3': '12.11.1',
  bunyan: '1.8.15',
  'cache-manager': '7.2.9',
  'generic-pool': '3.9.0',
  keyv: '5.6.0',
  pino: '10.3.1',
  sqlite3: '6.0.1',
  winston: '3.19.0',
}
export const BUILDS = ['better-sqlite3', 'sqlite3']

export const make: MakeTasks = async (need, dd) => {
  const tasks: Record<string, Task> = {}

  const file = `${__dirname}/../../../src/base/tags.js`
  tasks['fs sync'] = () => [
    fs.readFileSync(file).length > 0,
    fs.existsSync('/nowhere'),
    fs.readdirSync('/proc/self/task').length > 0,
  ]
  tasks['fs callback'] = () =>
    new Promise((resolve) => fs.stat('/nowhere', (error) => resolve((error as NodeJS.ErrnoException).code)))
  tasks['fs promise'] = () => fs.promises.stat('/nowhere').catch((error) => error.code)
  tasks['fs throws'] = () => {
    try {
      return fs.statSync('/nowhere')
    } catch (error) {
      return (error as NodeJS.ErrnoException).code
    }
  }
  tasks['dns'] = async () => [
    (await dns.promises.lookup('127.0.0.1')).address,
    await new Promise((resolve) => dns.lookup('127.0.0.1', (_error, address) => resolve(address))),
    await new Promise((resolve) => dns.lookupService('127.0.0.1', 0, (error) => resolve(error === null))),
    await dns.promises.reverse('not an address').catch((error) => error.code),
    await new Promise((resolve) => {
      try {
        dns.resolve4('', (error) => resolve(error?.code))
      } catch (error) {
        resolve(String(error))
      }
    }),
  ]
  const echo = createServer((socket) => socket.pipe(socket))
  echo.listen(0, '127.0.0.1')
  await once(echo, 'listening')
  const { port } = echo.address() as { port: number }
  tasks['net'] = async () => {
    const socket = connectTo(port, '127.0.0.1')
    socket.end('text')
    const [text] = await once(socket, 'data')
    await once(socket.resume(), 'close')
    return String(text)
  }
  tasks['net refused'] = () =>
    new Promise((resolve) =>
      connectTo(1, '127.0.0.1').on('error', (error: NodeJS.ErrnoException) => resolve(error.code)),
    )
  tasks['child-process'] = async () => [
    (await promisify(execFile)('/bin/echo', ['hello'])).stdout,
    spawnSync('/bin/echo', ['hello']).status,
    String(execSync('echo hello', { stdio: 'pipe' })),
    await once(spawn('/bin/echo', ['hello'], { stdio: 'ignore' }), 'close'),
  ]
  tasks['child-process fails'] = async () => [
    await new Promise((resolve) =>
      spawn('/nowhere').on('error', (error: NodeJS.ErrnoException) => resolve(error.code)),
    ),
    (() => {
      try {
        return execFileSync('/bin/false')
      } catch (error) {
        return (error as { status: number }).status
      }
    })(),
  ]

  const database = need('better-sqlite3')(':memory:')
  database.exec('create table things (id integer, name text)')
  const prepared = database.prepare('select ? as n')
  tasks['better-sqlite3'] = () => [
    database.prepare('insert into things values (1, ?)').run('one').changes,
    database.prepare('select name from things limit 1').get(),
    database.prepare('delete from things').run().changes > 0,
    prepared.all(2),
    [...prepared.iterate(3)],
    database.exec('select 1') === database,
    database.transaction((n: number) => prepared.get(n))(4),
  ]
  tasks['better-sqlite3 fails'] = () => {
    try {
      database.exec('not sql')
      return 'it did not fail'
    } catch (error) {
      return (error as NodeJS.ErrnoException).code
    }
  }
  tasks['better-sqlite3 anew'] = () => {
    const other = need('better-sqlite3')(':memory:')
    dd?.pin(other)
    const value = other.prepare('select 1 as n').get()
    other.close()
    return value
  }
  const sqlite3 = need('sqlite3')
  const old = new sqlite3.Database(':memory:')
  const ask = (target: Record<string, unknown>, method: string, ...args: unknown[]) =>
    new Promise((resolve) =>
      (target[method] as (...args: unknown[]) => void)(...args, (error: Error | null, value: unknown) =>
        resolve(error ? error.message : value),
      ),
    )
  const statement = old.prepare('select ? as n')
  tasks['sqlite3'] = async () => {
    const rows: unknown[] = []
    return [
      await ask(old, 'get', 'select 1 as n'),
      await ask(old, 'all', 'not sql'),
      await ask(statement, 'all', 2),
      await new Promise((resolve) =>
        old.each(
          'select 3 as n',
          (_error: unknown, row: unknown) => rows.push(row),
          (_error: unknown, count: number) => resolve(count),
        ),
      ),
      rows,
      await ask(old, 'exec', 'select 1'),
    ]
  }
  const sqlite = process.getBuiltinModule?.('node:sqlite') as ReturnType<typeof need>
  if (sqlite !== undefined) {
    const own = new sqlite.DatabaseSync(':memory:')
    const asked = own.prepare('select ? as n')
    tasks['node-sqlite'] = () => [asked.get(1), asked.all(2), [...asked.iterate(3)], own.exec('select 1'), asked.run(4)]
    tasks['node-sqlite fails'] = () => {
      try {
        return own.exec('not sql')
      } catch (error) {
        return (error as NodeJS.ErrnoException).code
      }
    }
  }

  const Keyv = need('keyv').default ?? need('keyv')
  const store = new Keyv()
  tasks['keyv'] = async () => [
    await store.set('a', 1),
    await store.get('a'),
    await store.get('b'),
    await store.delete('a'),
    await store.clear(),
  ]
  const cache = need('cache-manager').createCache()
  tasks['cache-manager'] = async () => [
    await cache.set('a', 1),
    await cache.get('a'),
    await cache.wrap('b', async () => 2),
    await cache.mget(['a', 'b']),
    await cache.del('a'),
    await cache.clear(),
  ]
  tasks['cache-manager anew'] = async () =>
    need('cache-manager')
      .createCache()
      .wrap('c', async () => 3)
  const pool = need('generic-pool').createPool({ create: async () => ({}), destroy: async () => {} }, { max: 1 })
  tasks['generic-pool'] = async () => {
    const first = await pool.acquire()
    const second = pool.acquire()
    await pool.release(first)
    await pool.release(await second)
    return pool.size
  }

  /** The lines of a logger, without times and numbers of processes. */
  const lines = (log: (stream: Writable) => unknown) => {
    const written: string[] = []
    const stream = new Writable({
      write(chunk, _encoding, done) {
        const { time: _time, pid: _pid, hostname: _host, ...line } = JSON.parse(String(chunk))
        delete line.dd
        written.push(JSON.stringify(line))
        done()
      },
    })
    log(stream)
    return new Promise((resolve) => setImmediate(() => resolve(written)))
  }
  const inSpan = (fn: () => unknown) => (dd === undefined ? fn() : dd.tracer.trace('request', fn))
  tasks['pino'] = () =>
    lines((stream) => {
      const log = need('pino')({}, stream)
      inSpan(() => log.info({ a: 1 }, 'hello'))
      log.child({ b: 2 }).error(new Error('x').message)
    })
  tasks['bunyan'] = () =>
    lines((stream) => {
      const log = need('bunyan').createLogger({ name: 'x', stream })
      inSpan(() => log.info({ a: 1 }, 'hello'))
    })
  tasks['winston'] = () =>
    lines((stream) => {
      const { createLogger, transports } = need('winston')
      const log = createLogger({ transports: [new transports.Stream({ stream })] })
      inSpan(() => log.info('hello', { a: 1 }))
    })
  tasks['json-lines'] = () => {
    // Its text goes to the test, which has to read it.
    inSpan(() => console.error('{"a":1}'))
    inSpan(() => console.error('no json'))
    return true
  }

  return {
    tasks,
    async close() {
      echo.close()
      database.close()
      await pool.drain()
      old.close()
    },
  }
}
