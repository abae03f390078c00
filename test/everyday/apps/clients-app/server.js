// Asks a service of its own with the HTTP clients that programs use. Each answer says what the client made of it.

const { createServer } = require('node:http')
const { once } = require('node:events')
const { gzipSync } = require('node:zlib')
const express = require('express')
const { clients } = require('./clients')

function serve(request, response) {
  const { pathname } = new URL(request.url, 'http://service')
  let text = ''
  request.setEncoding('utf8').on('data', (chunk) => (text += chunk))
  request.on('end', () => {
    if (pathname === '/moved') return response.writeHead(302, { location: '/items/1' }).end()
    if (pathname === '/cut') return request.socket.destroy()
    if (pathname === '/never') return
    response.statusCode = pathname === '/missing' ? 404 : pathname === '/failure' ? 500 : 200
    const { method, url } = request
    const agent = request.headers['user-agent'] !== undefined
    const body = JSON.stringify({ method, url, agent, type: request.headers['content-type'], text })
    response.setHeader('content-type', 'application/json')
    if (pathname !== '/zipped') return response.end(body)
    response.setHeader('content-encoding', 'gzip')
    response.end(gzipSync(body))
  })
}

async function main() {
  const service = createServer(serve).listen(0, '127.0.0.1')
  await once(service, 'listening')
  const base = `http://127.0.0.1:${service.address().port}`
  const ask = await clients()
  const app = express()
  app.use(express.json())
  app.all('/:client/:kind', async ({ params, method }, response) => {
    try {
      response.json(await ask[params.client](`${base}/${params.kind === 'items' ? 'items/1?page=2' : params.kind}`, method))
    } catch (error) {
      const { status, statusCode } = error.response ?? {}
      const { name, code, cause } = error
      response.json({ name, code, status: status ?? statusCode, cause: cause?.code })
    }
  })
  app.listen(Number(process.env.PORT), '127.0.0.1')
}

void main()
