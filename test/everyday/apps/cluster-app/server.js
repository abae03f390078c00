// Three workers behind one port, by Node's cluster; one that dies is replaced.

const cluster = require('node:cluster')
const express = require('express')

if (cluster.isPrimary) {
  let isEnding = false
  for (let n = 0; n < 3; n++) cluster.fork()
  cluster.on('exit', (_worker, code, signal) => {
    if (isEnding) return
    console.log(`a worker ended with ${code ?? signal}`)
    cluster.fork()
  })
  let listening = 0
  cluster.on('listening', () => console.log(`${++listening} listen`))
  process.once('SIGTERM', () => {
    isEnding = true
    for (const worker of Object.values(cluster.workers)) worker.kill('SIGTERM')
  })
} else {
  const app = express()
  app.get('/', (_request, response) => response.json({ isWorker: cluster.isWorker }))
  app.get('/items/:id', (request, response) => response.json({ id: request.params.id }))
  app.get('/told', (_request, response) => {
    process.send({ told: true }, () => response.send('told'))
  })
  app.get('/leave', (_request, response) => response.send('leaving').on('close', () => cluster.worker.disconnect()))
  app.get('/crash', (_request, response) => {
    response.on('close', () => setImmediate(() => { throw new Error('a worker crashes') }))
    response.end('crashing')
  })
  app.listen(Number(process.env.PORT), '127.0.0.1')
}
