// A program, not a module: PostgreSQL compiled to WebAssembly, listening on the loopback port of argv[2]. It has one
// backend for all connections, so it serves tests that use one at a time, and it runs in a process of its own because it
// takes 250 MB and keeps the event loop busy while a query runs.

import { PGlite } from '@electric-sql/pglite'
import { PGLiteSocketServer } from '@electric-sql/pglite-socket'

async function main(port: number): Promise<void> {
  const db = await PGlite.create()
  await new PGLiteSocketServer({ db, port, host: '127.0.0.1' }).start()
}

void main(Number(process.argv[2]))
