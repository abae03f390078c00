// The second service of the demo: takes money for the shop, after it has asked the bank, which is slow. Plain Node.js.

const { createServer } = require('node:http')
const { setTimeout: delay } = require('node:timers/promises')

const server = createServer(async (request, response) => {
  const respond = (status, body) =>
    response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body))
  if (request.url?.startsWith('/bank/')) return answerAsBank(request.url, respond)
  let text = ''
  for await (const part of request.setEncoding('utf8')) text += part
  const { amount, card } = JSON.parse(text)
  const account = await ask(`/bank/cards/${card}`)
  const booking = await ask(`/bank/bookings?amount=${amount}&expired=${account.expired}`)
  return booking.receipt ? respond(201, booking) : respond(402, { error: 'the card has expired' })
})

async function ask(path) {
  const reply = await fetch(address() + path)
  return reply.json()
}

async function answerAsBank(path, respond) {
  await delay(4 + Math.random() * 8)
  if (path.startsWith('/bank/cards/')) respond(200, { expired: path.endsWith('/expired') })
  else respond(200, path.endsWith('expired=true') ? {} : { receipt: `r-${Date.now()}` })
}

const address = () => `http://127.0.0.1:${server.address().port}`

server.listen(0, '127.0.0.1', () => process.send?.(address()))

function stop() {
  server.closeAllConnections()
  server.close()
  process.channel?.unref()
}

process.once('SIGTERM', stop)
process.once('SIGINT', stop)
process.once('disconnect', stop)
