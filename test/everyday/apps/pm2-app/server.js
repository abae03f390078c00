// What pm2 keeps running: it tells when it is ready, and ends when it is told to.

const express = require('express')

const app = express()
app.get('/', (_request, response) => response.send('up'))
app.get('/items/:id', (request, response) => response.json({ id: request.params.id }))
const server = app.listen(Number(process.env.PORT), '127.0.0.1', () => process.send?.('ready'))
process.once('SIGINT', () => server.close(() => process.exit(0)))
