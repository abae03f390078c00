// What the Express programs here have in common: an application with three middlewares, whose routes each adds to it.

const express = require('express')

exports.serviceApp = () => {
  const app = express()
  app.disable('x-powered-by')
  app.disable('etag')

  let requests = 0
  app.use(function nameRequest(_request, response, next) {
    response.setHeader('X-Request-Id', String(++requests))
    next()
  })
  app.use(express.json())
  app.use(function authenticate(request, _response, next) {
    request.user = { id: 7, role: 'customer' }
    next()
  })
  return app
}
