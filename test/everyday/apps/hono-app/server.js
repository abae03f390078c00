// A list of tasks as ES modules: Hono on Node's server, Drizzle on postgres.js.

import { serve } from '@hono/node-server'
import { asc, eq, sql } from 'drizzle-orm'
import { drizzle } from 'drizzle-orm/postgres-js'
import { Hono } from 'hono'
import { compress } from 'hono/compress'
import { HTTPException } from 'hono/http-exception'
import { stream } from 'hono/streaming'
import { validator } from 'hono/validator'
import postgres from 'postgres'
import { SCHEMA, tasks } from './schema.js'

const client = postgres(process.env.DATABASE_URL, { max: 3, onnotice() {} })
const db = drizzle(client)
await db.execute(`drop schema if exists ${SCHEMA} cascade`)
await db.execute(`create schema ${SCHEMA}`)
await db.execute(`create table ${SCHEMA}.tasks (id serial primary key, title text not null unique, done boolean not null)`)
await db.insert(tasks).values(['bake', 'eat', 'sleep'].map((title) => ({ title, done: false })))

const api = new Hono()
api.get('/', async (c) => c.json(await db.select().from(tasks).orderBy(asc(tasks.id))))
api.get('/:id{[0-9]+}', async (c) => {
  const [task] = await db.select().from(tasks).where(eq(tasks.id, Number(c.req.param('id'))))
  if (task === undefined) throw new HTTPException(404, { message: 'no such task' })
  return c.json(task)
})
const titled = validator('json', (value, c) => (typeof value.title === 'string' ? value : c.text('a title, please', 400)))
api.post('/', titled, async (c) => {
  const { title } = c.req.valid('json')
  const [task] = await db.transaction((inner) => inner.insert(tasks).values({ title, done: false }).returning())
  return c.json(task, 201)
})
api.patch('/:id', async (c) => {
  await db.update(tasks).set(await c.req.json()).where(eq(tasks.id, Number(c.req.param('id'))))
  return c.body(null, 204)
})

const app = new Hono()
app.use(compress())
app.use('*', async (c, next) => {
  await next()
  c.header('x-served-by', 'hono')
})
app.route('/tasks', api)
app.get('/count', async (c) => c.json((await db.execute(sql`select count(*)::int as count from ${tasks}`))[0]))
app.get('/stream', (c) =>
  stream(c, async (out) => {
    for await (const rows of client`select n from generate_series(1, 5) as n`.cursor(2)) await out.writeln(JSON.stringify(rows))
  }),
)
app.get('/wrong', async (c) => c.json(await db.execute('select nothing from nowhere')))
app.onError((error, c) => {
  if (error instanceof HTTPException) return error.getResponse()
  return c.text(`failed: ${error.cause?.message ?? error.message}`, error.cause?.code === '23505' ? 409 : 500)
})
const server = serve({ fetch: app.fetch, port: Number(process.env.PORT), hostname: '127.0.0.1' })

process.once('SIGTERM', async () => {
  server.close()
  await db.execute(`drop schema ${SCHEMA} cascade`)
  await client.end()
  console.log('closed')
})
