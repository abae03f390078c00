// Orders that a worker works off one after the other: BullMQ on Redis, Express before it.

const express = require('express')
const { FlowProducer, Queue, QueueEvents, Worker } = require('bullmq')
const Redis = require('ioredis')

const connection = { url: process.env.REDIS_URL }
const NAME = 'everyday-orders'
const SOLD = 'everyday-sold'

async function main() {
  const redis = new Redis(process.env.REDIS_URL)
  const queue = new Queue(NAME, { connection })
  await queue.obliterate({ force: true })
  await redis.del(SOLD)
  const events = new QueueEvents(NAME, { connection })
  await events.waitUntilReady()
  const flows = new FlowProducer({ connection })
  const worker = new Worker(
    NAME,
    async (job) => {
      if (job.data.item === 'nothing') throw new Error('there is nothing of it')
      if (job.data.item === 'rare' && job.attemptsMade === 0) throw new Error('not yet')
      await job.updateProgress(50)
      return { item: job.data.item, sold: await redis.hincrby(SOLD, job.data.item, job.data.count ?? 1) }
    },
    { connection, concurrency: 1 },
  )
  worker.on('error', (error) => console.error(error.message))

  const app = express()
  app.use(express.json())
  app.post('/orders', async (request, response) => {
    const job = await queue.add('order', request.body)
    response.status(202).json({ id: job.id })
  })
  app.post('/orders/now', async (request, response) => {
    const job = await queue.add('order', request.body, { attempts: request.body.attempts ?? 1 })
    response.json(await job.waitUntilFinished(events))
  })
  app.post('/orders/later', async (request, response) => {
    const job = await queue.add('order', request.body, { delay: 30 })
    response.json(await job.waitUntilFinished(events))
  })
  app.post('/orders/many', async (request, response) => {
    const jobs = await queue.addBulk(request.body.map((data) => ({ name: 'order', data })))
    const done = await Promise.all(jobs.map((job) => job.waitUntilFinished(events)))
    response.json(done.map(({ item }) => item))
  })
  app.post('/orders/flow', async (request, response) => {
    const children = request.body.map((data) => ({ name: 'order', queueName: NAME, data }))
    const { job } = await flows.add({ name: 'parcel', queueName: NAME, data: { item: 'parcel' }, children })
    response.json(await job.waitUntilFinished(events))
  })
  app.get('/orders/:id', async (request, response) => {
    const job = await queue.getJob(request.params.id)
    if (job === undefined) return response.status(404).json({ error: 'no such order' })
    response.json({ state: await job.getState(), result: job.returnvalue, reason: job.failedReason })
  })
  app.use((error, _request, response, _next) => response.status(409).json({ error: error.message }))
  const server = app.listen(Number(process.env.PORT), '127.0.0.1')

  process.once('SIGTERM', async () => {
    server.close()
    await worker.close()
    await Promise.all([events.close(), flows.close(), queue.close()])
    await redis.quit()
    console.log('closed')
  })
}

void main()
