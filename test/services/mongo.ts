// A server that speaks MongoDB's protocol for the tests: the one of DD_TEST_MONGODB_URL, which may be a real mongod, or
// mongo-java-server from Maven, because no package registry has a mongod. It plays MongoDB 4.4 with sessions and change streams;
// transactions are accepted and not rolled back.

import { join } from 'node:path'
import { type Greeting, greet } from './greeting'
import { javaLibrary } from './java-library'
import { startLocalServer } from './local-server'
import { fromEnvironmentOr } from './places'
import type { RunningService, Service } from './service'

const READY = /READY (mongodb:\S+)/

export const mongo: Service = {
  name: 'MongoDB protocol (mongo-java-server)',
  start: () => fromEnvironmentOr('DD_TEST_MONGODB_URL', buildVersion, [['mongo-java-server', fromMaven]]),
}

async function fromMaven(): Promise<RunningService> {
  const { folder, java, from } = await javaLibrary('mongo')
  const small = ['-Xmx128m', '-XX:+UseSerialGC', '-XX:TieredStopAtLevel=1']
  const classPath = [join(folder, 'classes'), join(folder, 'lib', '*')].join(':')
  let url = ''
  const running = await startLocalServer({
    name: 'mongo',
    command: () => [java, ...small, '-cp', classPath, 'MongoServer'],
    url,
    from: `${from} (mongo-java-server)`,
    async version(server) {
      url = (await server.printed(READY))[1] ?? ''
      return buildVersion(url)
    },
  })
  return { ...running, url }
}

/** Asks `buildInfo`, as any client does, and finds the text `version` in the answer. */
function buildVersion(url: string): Promise<string> {
  const { hostname, port } = new URL(url)
  return greet(hostname, Number(port || 27017), buildInfo)
}

const element = (type: number, key: string, value: Buffer) =>
  Buffer.concat([Buffer.from([type]), Buffer.from(`${key}\0`), value])
const int32 = (value: number) => {
  const bytes = Buffer.alloc(4)
  bytes.writeInt32LE(value)
  return bytes
}
const document = (...elements: Buffer[]) => {
  const body = Buffer.concat([...elements, Buffer.from([0])])
  return Buffer.concat([int32(body.length + 4), body])
}

const INT32 = 0x10
const TEXT = 0x02
const OP_MSG = 2013

const command = document(
  element(INT32, 'buildInfo', int32(1)),
  element(TEXT, '$db', Buffer.concat([int32('admin'.length + 1), Buffer.from('admin\0')])),
)
/** Length, request id, id answered to, operation; flags, kind of section, document. */
const message = Buffer.concat([
  int32(21 + command.length),
  int32(1),
  int32(0),
  int32(OP_MSG),
  int32(0),
  Buffer.from([0]),
  command,
])

const buildInfo: Greeting = { send: message, expect: /version\0[\s\S]{4}(\d[\d.]*)\0/ }
