// Work that would block the event loop, done in threads by piscina; Fastify before it.

const { join } = require('node:path')
const { Piscina } = require('piscina')
const fastify = require('fastify')()

const pool = new Piscina({ filename: join(__dirname, 'work.js'), minThreads: 1, maxThreads: 2, idleTimeout: 60_000 })

fastify.get('/primes/:below', async ({ params }) => ({ count: await pool.run(Number(params.below), { name: 'primes' }) }))
fastify.get('/upper', async ({ query }) => {
  const bytes = new TextEncoder().encode(query.text)
  const done = await pool.run(bytes, { name: 'upper', transferList: [bytes.buffer] })
  return new TextDecoder().decode(done)
})
fastify.get('/asked', async ({ headers }) => pool.run(`http://${headers.host}/primes/10`, { name: 'ask' }))
fastify.get('/failure', async () => pool.run(0, { name: 'fail' }))
fastify.get('/exit', async (_request, reply) => {
  await pool.run(0, { name: 'exit' }).catch((error) => reply.code(503).send({ error: error.message }))
})
fastify.get('/cancelled', async (_request, reply) => {
  const cancel = new AbortController()
  const running = pool.run(0, { name: 'forever', signal: cancel.signal })
  setTimeout(() => cancel.abort(), 50)
  await running.catch((error) => reply.code(504).send({ error: error.name }))
})
fastify.get('/streamed', async (_request, reply) => {
  reply.type('text/plain')
  return reply.send(require('node:fs').createReadStream(__filename))
})
fastify.listen({ port: Number(process.env.PORT), host: '127.0.0.1' })

process.once('SIGTERM', async () => {
  await fastify.close()
  await pool.destroy()
  console.log('closed')
})
