// An ordinary Express program with a Postgres behind it. It knows nothing of `dd`: that is the point of the demo.

const express = require('express')
const { Pool } = require('pg')

const port = Number(process.env.PORT ?? 0)
const pool = new Pool({ connectionString: process.env.DATABASE_URL, max: 1 })
const app = express()

app.use(express.json())

const items = express.Router()

items.get('/', async (_request, response) => {
  const { rows } = await pool.query('select id, name, price from item order by id')
  response.json(rows)
})

items.get('/:id', async (request, response) => {
  const { rows } = await pool.query('select id, name, price from item where id = $1', [request.params.id])
  if (rows.length === 0) return response.status(404).json({ error: 'no such item' })
  const reviews = await pool.query('select stars, words from review where item_id = $1', [request.params.id])
  return response.json({ ...rows[0], reviews: reviews.rows })
})

app.use('/items', items)

// Asks itself over HTTP, as a service asks another one.
app.get('/offer', async (_request, response) => {
  const item = await fetch(`http://127.0.0.1:${server.address().port}/items/2`)
  response.json({ offer: await item.json(), discount: '10 %' })
})

app.get('/broken', async (_request, response) => {
  const { rows } = await pool.query('select colour from item')
  response.json(rows)
})

const server = app.listen(port, '127.0.0.1', () => {
  console.log(`shop: listening on http://127.0.0.1:${server.address().port}`)
})

// What Express prints of errors in development would drown the demo.
app.set('env', 'test')

function stop() {
  server.closeAllConnections()
  server.close(() => pool.end())
}

process.once('SIGTERM', stop)
process.once('SIGINT', stop)
