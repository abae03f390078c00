// The measured program of stack-cost: three middlewares and a route that looks a user up in Redis, then in PostgreSQL, and
// remembers it in Redis. The tracer, if any, is preloaded.

const express = require('express')
const Redis = require('ioredis')
const { Pool } = require('pg')
const { obey } = require('./server-control.cjs')
const { serviceApp } = require('./service-app.cjs')

const CONNECTIONS = 10
/** Needs no table: the server may be somebody's own. */
const QUERY = `SELECT id, name, role FROM (VALUES (41, 'Ada', 'admin'), (42, 'Grace', 'customer')) AS users (id, name, role) WHERE id = $1`

const [, , peer, redisUrl, postgresUrl] = process.argv
const redis = new Redis(redisUrl)
const pool = new Pool({ connectionString: postgresUrl, max: CONNECTIONS, min: CONNECTIONS })

const app = serviceApp()

const api = express.Router()
api.get('/users/:id', async (request, response) => {
  const key = `dd-bench:user:${request.params.id}`
  const seen = await redis.get(key)
  const { rows } = await pool.query(QUERY, [Number(request.params.id)])
  await redis.set(key, JSON.stringify(rows[0]), 'EX', 60)
  response.json({ user: rows[0], wasSeen: seen !== null })
})
app.use('/api', api)

obey(peer)

async function main() {
  await redis.ping()
  await Promise.all(Array.from({ length: CONNECTIONS }, () => pool.query('SELECT 1')))
  const server = app.listen(0, '127.0.0.1', () => process.send({ port: server.address().port }))
}

void main()
