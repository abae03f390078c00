// The programs that are bundled in the tests of `dd/esbuild` and `dd/webpack`.

/** Serves its own requests and ends. */
export const EXPRESS_AND_PG = `
import express from 'express'
import pg from 'pg'
import { get } from 'node:http'

const pool = new pg.Pool({ connectionString: process.env.DATABASE_URL })
const app = express()
app.get('/users/:id', async function show(request, response) {
  const { rows } = await pool.query('select $1::int as id', [request.params.id])
  response.send(rows[0])
})
const server = app.listen(0, '127.0.0.1', () => {
  get({ host: '127.0.0.1', port: server.address().port, path: '/users/7', agent: false }, (response) => {
    response.on('data', (data) => console.log(response.statusCode, String(data)))
    response.on('end', () => pool.end().then(() => server.close()))
  })
})
`

/** Packages whose bundled files are ES modules; of one an export is replaced. */
export const ES_PACKAGES = { 'cache-manager': '7.2.9', hono: '4.13.19', keyv: '5.6.0', '@hono/node-server': '1.19.6' }

export const ES_LIBRARIES = `
import { createCache } from 'cache-manager'
import Keyv from 'keyv'
import { Hono } from 'hono'
import { serve } from '@hono/node-server'

async function main() {
  const store = new Keyv()
  await store.set('a', 1)
  console.log(await store.get('a'), await createCache().get('b'))
  const app = new Hono().get('/hello/:name', (context) => context.text(context.req.param('name')))
  const server = serve({ fetch: app.fetch, port: 0, hostname: '127.0.0.1' }, async ({ port }) => {
    console.log(await (await fetch('http://127.0.0.1:' + port + '/hello/you')).text())
    server.close()
  })
}
main()
`

export const ES_SPANS = [
  'keyv.set',
  'keyv.get',
  'cache-manager.get',
  '  keyv.get',
  'http.request',
  '  hono.request',
  '    hono.middleware',
]

/** Bundlers may prefer its ES modules, which Node never takes. */
export const GRAPHQL = `
import { buildSchema, graphql } from 'graphql'
const schema = buildSchema('type Query { hello: String }')
graphql({ schema, source: '{ hello }', rootValue: { hello: () => 'you' } }).then(({ data }) => console.log(data.hello))
`
