// An ordinary Express program with a Postgres behind it, and a service for payments beside it. It knows nothing of `dd`: that is the
// point of the demo.

const express = require('express')
const { Pool } = require('pg')

const { PORT = 0, DATABASE_URL, PAYMENTS_URL } = process.env
const pool = new Pool({ connectionString: DATABASE_URL, max: 1 })
const app = express()

app.use(express.json())

const items = express.Router()

items.get('/', async function list(_request, response) {
  const { rows } = await pool.query('select id, name, price from item order by id')
  response.json(rows)
})

items.get('/:id', async function show(request, response) {
  const { rows } = await pool.query('select id, name, price from item where id = $1', [request.params.id])
  if (rows.length === 0) return response.status(404).json({ error: 'no such item' })
  const reviews = await pool.query('select stars, words from review where item_id = $1', [request.params.id])
  return response.json({ ...rows[0], reviews: reviews.rows })
})

app.use('/items', items)

app.get('/search', async function search(request, response) {
  const words = `%${request.query.q ?? ''}%`
  const { rows } = await pool.query('select id, name from item where name like $1 order by name limit 20', [words])
  response.json(rows)
})

// Asks itself over HTTP, as a service asks another one.
app.get('/offer', async function offer(_request, response) {
  const item = await fetch(`http://127.0.0.1:${server.address().port}/items/2`)
  response.json({ offer: await item.json(), discount: '10 %' })
})

app.post('/checkout', async function checkout(request, response) {
  const { item, card } = request.body
  const { rows } = await pool.query('select name, price, stock from item where id = $1', [item])
  const [{ name, price }] = rows
  log('info', `checkout of a ${name} for ${price}`, { item })
  await pool.query('update item set stock = stock - 1 where id = $1', [item])
  const receipt = await charge(price, card).catch(async (error) => {
    await pool.query('update item set stock = stock + 1 where id = $1', [item])
    throw error
  })
  const order = 'insert into orders (item_id, total, receipt) values ($1, $2, $3) returning id'
  const { rows: orders } = await pool.query(order, [item, price, receipt])
  log('info', `order ${orders[0].id} is paid`, { item })
  response.status(201).json({ order: orders[0].id })
})

class PaymentError extends Error {
  name = 'PaymentError'
}

async function charge(amount, card) {
  const body = JSON.stringify({ amount, card })
  const headers = { 'content-type': 'application/json' }
  const reply = await fetch(`${PAYMENTS_URL}/charges`, { method: 'POST', headers, body })
  const { receipt, error } = await reply.json()
  if (reply.ok) return receipt
  log('error', `the payment failed: ${error}`, { status: reply.status })
  throw new PaymentError(`${error} (payments answered ${reply.status})`)
}

app.get('/broken', async function broken(_request, response) {
  const { rows } = await pool.query('select colour from item')
  response.json(rows)
})

function log(level, message, fields) {
  console.log(JSON.stringify({ level, message, ...fields }))
}

const server = app.listen(PORT, '127.0.0.1', () => {
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
