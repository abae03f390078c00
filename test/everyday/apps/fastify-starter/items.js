// A route of the Fastify starter, as it looks after the first day of work.

const { Readable } = require('node:stream')
const { setTimeout: pause } = require('node:timers/promises')

module.exports = async (fastify) => {
  const item = {
    type: 'object',
    required: ['name', 'price'],
    properties: { name: { type: 'string' }, price: { type: 'number' } },
  }
  const id = { type: 'object', properties: { id: { type: 'integer' } } }

  fastify.addHook('preHandler', async (request) => {
    await pause(1)
    request.log.info({ item: request.params.id }, 'looking')
  })
  fastify.addHook('onSend', async (_request, reply, payload) => {
    reply.header('x-shop', 'starter')
    return payload
  })

  fastify.get('/:id', { schema: { params: id } }, async (request) => ({ ...request.params, query: request.query }))
  fastify.post('/', { schema: { body: item } }, async (request, reply) => reply.code(201).send(request.body))
  fastify.put('/:id', { schema: { params: id, body: item } }, (request, reply) => {
    setImmediate(() => reply.send({ ...request.params, ...request.body }))
  })
  fastify.delete('/:id', async (_request, reply) => reply.code(204).send())
  fastify.get('/:id/stream', (_request, reply) => {
    reply.type('text/plain').send(Readable.from(['one ', 'two ', 'three']))
  })
  fastify.get('/:id/endless', (_request, reply) => {
    const numbers = async function* () {
      for (let n = 0; ; n++) {
        yield `${n} `
        await pause(5)
      }
    }
    reply.type('text/plain').send(Readable.from(numbers()))
  })
  fastify.get('/:id/failure', async () => {
    throw new Error('this always fails')
  })
  fastify.get('/:id/teapot', async () => {
    throw fastify.httpErrors.imateapot('short and stout')
  })
}
