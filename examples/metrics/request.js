// node --require dd/init request.js
const express = require('express')
const { tracer } = require('dd')

const app = express()

app.get('/basket/:items', (request, response) => {
  // One metric for the whole request, sent when it has ended, however often this is called.
  for (let item = 0; item < Number(request.params.items); item++) tracer.collector.increment('basket.lookups')
  response.send('ok')
})

const server = app.listen(process.env.PORT ?? 3000, '127.0.0.1', () => console.log(server.address().port))
