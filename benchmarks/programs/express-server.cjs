// The measured program of request-cost: three middlewares, a nested router, one route that answers at once and one that asks
// another service first. The tracer, if any, is preloaded.

const http = require('node:http')
const express = require('express')
const { obey } = require('./server-control.cjs')
const { serviceApp } = require('./service-app.cjs')

const [, , peer, upstreamPort] = process.argv
const upstream = { port: Number(upstreamPort), host: '127.0.0.1', agent: new http.Agent({ keepAlive: true }) }

const app = serviceApp()

const users = express.Router()
users.get('/:id', (request, response) => {
  response.json({ id: request.params.id, name: 'Ada', role: request.user.role, tags: ['a', 'b', 'c'] })
})
users.get('/:id/orders', (request, response, next) => {
  const outgoing = http.get({ ...upstream, path: `/orders/${request.params.id}` }, (incoming) => {
    let body = ''
    incoming.setEncoding('utf8')
    incoming.on('data', (part) => {
      body += part
    })
    incoming.on('end', () => response.json({ id: request.params.id, orders: JSON.parse(body) }))
  })
  outgoing.on('error', next)
})

const api = express.Router()
api.use('/users', users)
app.use('/api', api)

obey(peer)

const server = app.listen(0, '127.0.0.1', () => process.send({ port: server.address().port }))
