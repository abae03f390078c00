// The chat of socket.io's first steps: what one says all hear.

const { createServer } = require('node:http')
const express = require('express')
const { Server } = require('socket.io')

const app = express()
app.get('/', (_request, response) => response.send('<h1>Chat</h1>'))
const server = createServer(app)
const io = new Server(server, { pingInterval: 60_000 })
io.on('connection', (socket) => {
  socket.emit('welcome', { transport: socket.conn.transport.name })
  socket.on('say', (text, heard) => {
    io.emit('said', text)
    heard({ length: text.length })
  })
})
server.listen(Number(process.env.PORT), '127.0.0.1')
