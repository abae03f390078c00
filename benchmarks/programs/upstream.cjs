// The service that request-cost's server asks: answers every request with the same small JSON.

const http = require('node:http')

const BODY = JSON.stringify([
  { id: 1, total: 12.5 },
  { id: 2, total: 99 },
])

const server = http.createServer((_request, response) => {
  response.writeHead(200, { 'Content-Type': 'application/json', 'Content-Length': BODY.length })
  response.end(BODY)
})
server.listen(0, '127.0.0.1', () => process.send({ port: server.address().port }))
process.on('disconnect', () => process.exit())
