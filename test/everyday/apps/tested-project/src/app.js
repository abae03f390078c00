// A small service that asks another one.

const axios = require('axios')
const express = require('express')
const { greeting } = require('./greeting')

const app = express()
app.use(express.json())
app.get('/greeting', (_request, response) => response.send(greeting()))
app.get('/prices/:id', async (request, response) => {
  const { data } = await axios.get(`http://prices.example.com/items/${request.params.id}`)
  response.json({ price: data.price })
})
app.get('/stock/:id', async (request, response) => {
  const answer = await fetch(`http://stock.example.com/items/${request.params.id}`)
  response.status(answer.ok ? 200 : 502).json(await answer.json())
})
app.use((error, _request, response, _next) => response.status(502).json({ error: error.code ?? error.message }))

module.exports = app
