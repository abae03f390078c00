// Prisma 7 over the `pg` driver (`@prisma/adapter-pg`), against a real PostgreSQL. Before 7 a native engine asks the database, which
// is on the far side of what can be traced here.

import { execFile } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { describeWith, postgres } from '../services'
import { cleanEnv } from '../support/clean-env'
import { describeLibrary } from '../support/library'
import { describeOrm } from './orm-suite'

interface Client {
  $queryRawUnsafe(text: string): PromiseLike<unknown>
  $transaction(body: (inner: Client) => Promise<void>, options?: object): Promise<void>
  $disconnect(): Promise<void>
}

const SCHEMA = `
generator client {
  provider   = "prisma-client-js"
  engineType = "client"
}
datasource db {
  provider = "postgresql"
}
model Item {
  id Int @id
}`

const version = '7.10.0'
const beside = { prisma: version, '@prisma/adapter-pg': version, pg: '8.23.1' }

describeLibrary('pg', { name: '@prisma/client', majors: { 7: [version] }, beside }, (library) => {
  before('generate the client', async () => {
    const schema = join(library.folder, 'schema.prisma')
    writeFileSync(schema, SCHEMA)
    const program = join(library.folder, 'node_modules', 'prisma', 'build', 'index.js')
    // The program would download an engine for migrations, which generating has no use for.
    const env = cleanEnv({ PRISMA_SCHEMA_ENGINE_BINARY: process.execPath, PRISMA_HIDE_UPDATE_MESSAGE: '1' })
    const args = [program, 'generate', '--schema', schema]
    await promisify(execFile)(process.execPath, args, { cwd: library.folder, env })
  })

  describeWith(postgres, 'prisma', (server) => {
    describeOrm({ driver: 'pg', span: 'pg.query', ways: 1, late: true }, () => {
      const { PrismaPg } = library.load<{ PrismaPg: new (options: object) => object }>('@prisma/adapter-pg')
      const { PrismaClient } = library.load<{ PrismaClient: new (options: object) => Client }>()
      const client = new PrismaClient({ adapter: new PrismaPg({ connectionString: server().url, max: 2 }) })
      return {
        ask: async (text) => void (await client.$queryRawUnsafe(text(0))),
        transaction: (first, second) =>
          client.$transaction(
            async (inner) => {
              await inner.$queryRawUnsafe(first)
              await inner.$queryRawUnsafe(second)
            },
            { maxWait: 20_000 },
          ),
        later(text) {
          const query = client.$queryRawUnsafe(text)
          return () => query
        },
        close: () => client.$disconnect(),
      }
    })
  })
})
