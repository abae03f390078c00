// A Redis sentinel for the tests, which knows one master: the Redis of the other tests. Its URL has the master's name as path.

import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { freePort } from '../support/free-port'
import { type Greeting, greet } from './greeting'
import { fromDebian, startLocalServer } from './local-server'
import { obtain } from './obtain'
import { firstOf } from './places'
import { redis } from './redis'
import { isMissing, type RunningService, type Service } from './service'

const host = '127.0.0.1'
const MASTER = 'main'
const greeting: Greeting = { send: 'INFO server\r\n', expect: /redis_version:(\S+)/ }

export const redisSentinel: Service = {
  name: 'Redis sentinel',
  start: () => firstOf(fromDebian('redis-server', 'redis-server', launch)),
}

async function launch(program: string, from: string): Promise<RunningService> {
  const master = await obtain(redis)
  if (isMissing(master)) throw new Error(`no master: ${master.missing}`)
  const watched = new URL(master.url)
  const port = await freePort()
  return startLocalServer({
    name: 'redis-sentinel',
    command(folder) {
      const file = join(folder, 'sentinel.conf')
      writeFileSync(file, `sentinel monitor ${MASTER} ${watched.hostname} ${watched.port || 6379} 1\n`, { mode: 0o666 })
      return [program, file, '--sentinel', '--port', `${port}`, '--bind', host]
    },
    url: `redis://${host}:${port}/${MASTER}`,
    from,
    version: () => greet(host, port, greeting),
  })
}
