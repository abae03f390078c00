// A real Postgres with nothing to install: PGlite, which is PostgreSQL compiled to WebAssembly, behind a socket on a free
// loopback port. It takes one connection at a time.

import { PGlite } from '@electric-sql/pglite'
import { PGLiteSocketServer } from '@electric-sql/pglite-socket'

const SCHEMA = `
  create table item (id serial primary key, name text not null, price numeric not null, stock int not null);
  create table review (item_id int references item, stars int not null, words text not null);
  create table orders (id serial primary key, item_id int references item, total numeric not null, receipt text not null);
  insert into item (name, price, stock) values ('kettle', 39.90, 100000), ('teapot', 24.50, 100000), ('cup', 8.00, 100000);
  insert into review values (1, 5, 'boils'), (2, 4, 'pours well'), (2, 5, 'lovely'), (3, 3, 'a cup');
`

/** Resolves to the connection string and a function that stops the server. */
export async function startDatabase() {
  const database = await PGlite.create()
  await database.exec(SCHEMA)
  const server = new PGLiteSocketServer({ db: database, host: '127.0.0.1', port: 0 })
  await server.start()
  const { port } = server.server.address()
  return {
    url: `postgres://postgres:postgres@127.0.0.1:${port}/postgres`,
    async stop() {
      await server.stop()
      await database.close()
    },
  }
}
