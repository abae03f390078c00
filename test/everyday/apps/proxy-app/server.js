// A gateway: a service behind http-proxy-middleware on Express, and another behind http-proxy alone. Both services live in this process.

const { createServer } = require('node:http')
const { once } = require('node:events')
const express = require('express')
const httpProxy = require('http-proxy')
const { createProxyMiddleware } = require('http-proxy-middleware')

async function main() {
  const service = createServer((request, response) => {
    if (request.url.startsWith('/cut')) return request.socket.destroy()
    response.setHeader('x-served-by', 'service')
    response.statusCode = request.url.startsWith('/fail') ? 500 : 200
    response.write(`${request.method} ${request.url} `)
    request.pipe(response)
  })
  // An echo for whoever changes the protocol.
  service.on('upgrade', (_request, socket) => {
    socket.write('HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: echo\r\n\r\n')
    socket.on('error', () => {}).pipe(socket)
  })
  service.listen(0, '127.0.0.1')
  await once(service, 'listening')
  const target = `http://127.0.0.1:${service.address().port}`

  const app = express()
  app.use('/api', createProxyMiddleware({ target, changeOrigin: true, xfwd: true }))
  app.use('/away', createProxyMiddleware({ target: 'http://127.0.0.1:9' }))
  const plain = httpProxy.createProxyServer({ target })
  plain.on('error', (error, _request, response) => {
    if (response.writeHead) response.writeHead(502).end(`the service failed: ${error.code}`)
  })
  app.use('/plain', (request, response) => plain.web(request, response))
  const server = createServer(app)
  server.on('upgrade', (request, socket, head) => plain.ws(request, socket, head))
  server.listen(Number(process.env.PORT), '127.0.0.1')
}

void main()
