// Databases, caches, queues: by every driver that `dd` knows, the ways in which programs call them, and a failure of each.

import { once } from 'node:events'
import type { MakeTasks, Task } from './program'

export const PACKAGES = {
  amqplib: '2.3.1',
  bullmq: '5.81.5',
  ioredis: '6.0.0',
  mariadb: '3.5.3',
  memcached: '2.2.2',
  memjs: '1.3.2',
  mongodb: '6.22.0',
  mongoose: '8.24.10',
  mysql: '2.18.1',
  mysql2: '3.24.6',
  nats: '2.29.3',
  pg: '8.23.1',
  'pg-cursor': '2.22.0',
  postgres: '3.4.9',
  redis: '5.12.1',
}

type Callback = (error: Error | null, value?: unknown) => void

/** What a callback is given. */
function given(ask: (callback: Callback) => unknown): Promise<unknown> {
  return new Promise((resolve, reject) => {
    ask((error, value) => (error ? reject(error) : resolve(value)))
  })
}

/** With what code a call fails. */
async function failure(ask: () => unknown): Promise<unknown> {
  try {
    await ask()
    return 'it did not fail'
  } catch (error) {
    const { code, name } = error as { code?: unknown; name?: unknown }
    return code ?? name
  }
}

const plain = (value: unknown) => JSON.parse(JSON.stringify(value)) as unknown

export const make: MakeTasks = async (need, dd) => {
  const urls = JSON.parse(process.env['SERVICES'] ?? '{}') as Readonly<Record<string, string>>
  const tasks: Record<string, Task> = {}
  const ends: (() => unknown)[] = []
  const pinned = <T extends object>(target: T): T => {
    dd?.pin(target)
    return target
  }

  if (urls['postgres'] !== undefined) {
    const pg = need('pg')
    const pool = pinned(new pg.Pool({ connectionString: urls['postgres'], max: 1 }))
    tasks['pg'] = async () => [
      (await pool.query('select $1::int as n', [1])).rows,
      ((await given((callback) => pool.query('select 2 as n', callback))) as { rows: unknown }).rows,
      await failure(() => pool.query('not sql')),
      await failure(() => given((callback) => pool.query('not sql', callback))),
    ]
    tasks['pg client'] = async () => {
      const client = await pool.connect()
      try {
        const rows = await client.query({ name: 'three', text: 'select 3 as n' })
        const emitted = client.query(new pg.Query('select 4 as n'))
        const [[row]] = await Promise.all([once(emitted, 'row'), once(emitted, 'end')])
        const cursor = client.query(new (need('pg-cursor'))('select 5 as n'))
        const read = await cursor.read(10)
        await cursor.close()
        return [rows.rows, row, read]
      } finally {
        client.release()
      }
    }
    ends.push(() => pool.end())
    const sql = need('postgres')(urls['postgres'], { max: 1, onnotice() {} })
    tasks['postgres'] = async () => [
      plain(await sql`select ${1}::int as n`),
      plain(await sql.unsafe('select 2 as n')),
      await failure(() => sql`not sql`),
      plain(await sql.begin((inside: typeof sql) => inside`select 3 as n`)),
      await new Promise((resolve) => sql`select 4 as n`.forEach(resolve)),
    ]
    ends.push(() => sql.end())
  }

  if (urls['mariadb'] !== undefined) {
    const mysql = need('mysql')
    const old = pinned(mysql.createPool(urls['mariadb']))
    tasks['mysql'] = async () => [
      plain(await given((callback) => old.query('select ? as n', [1], callback))),
      await failure(() => given((callback) => old.query('not sql', callback))),
      await new Promise((resolve) => old.query('select 2 as n').on('result', resolve)),
      await given((callback) =>
        old.getConnection((error: Error | null, connection: typeof old) => {
          if (error) return callback(error)
          connection.query('select 3 as n', (failed: Error | null, rows: unknown) => {
            connection.release()
            callback(failed, plain(rows))
          })
        }),
      ),
    ]
    ends.push(() => given((callback) => old.end(callback)))
    const mysql2 = need('mysql2')
    const pool = pinned(mysql2.createPool(urls['mariadb']))
    tasks['mysql2'] = async () => [
      plain(await given((callback) => pool.query('select ? as n', [1], callback))),
      plain(await given((callback) => pool.execute('select ? as n', [2], callback))),
      plain((await pool.promise().query('select 3 as n'))[0]),
      await failure(() => pool.promise().query('not sql')),
      await failure(() => given((callback) => pool.execute('not sql', callback))),
    ]
    ends.push(() => pool.promise().end())
    const mariadb = need('mariadb')
    const { hostname, port, username, password, pathname } = new URL(urls['mariadb'])
    const options = { host: hostname, port: Number(port), user: username, password, database: pathname.slice(1) }
    const own = pinned(mariadb.createPool({ ...options, connectionLimit: 1 }))
    tasks['mariadb'] = async () => [
      plain(await own.query('select ? as n', [1])),
      await failure(() => own.query('not sql')),
      plain(await own.execute('select ? as n', [2])),
      await (async () => {
        const connection = await own.getConnection()
        const rows: unknown[] = []
        for await (const row of connection.queryStream('select 3 as n')) rows.push(plain(row))
        await connection.release()
        return rows
      })(),
    ]
    ends.push(() => own.end())
  }

  if (urls['redis'] !== undefined) {
    const client = pinned(need('redis').createClient({ url: urls['redis'] }))
    await client.connect()
    tasks['redis'] = async () => [
      await client.set('faults', '1'),
      await client.get('faults'),
      await client.multi().get('faults').incr('faults').exec(),
      await failure(() => client.lPush('faults', 'x')),
    ]
    ends.push(() => client.close())
    const { Redis } = need('ioredis')
    const io = pinned(new Redis(urls['redis']))
    tasks['ioredis'] = async () => [
      await io.set('faults', '1'),
      await given((callback) => io.get('faults', callback)),
      await io.pipeline().get('faults').incr('faults').exec(),
      await io.multi().get('faults').exec(),
      await failure(() => io.lpush('faults', 'x')),
    ]
    ends.push(() => io.quit())
    const { Queue, QueueEvents, Worker } = need('bullmq')
    const connection = { host: new URL(urls['redis']).hostname, port: Number(new URL(urls['redis']).port) }
    const queue = pinned(new Queue('faults', { connection }))
    const worker = new Worker(
      'faults',
      async ({ data }: { data: { n: number } }) => {
        if (data.n < 0) throw new RangeError('bullmq fails')
        return data.n + 1
      },
      { connection },
    )
    const events = new QueueEvents('faults', { connection })
    await Promise.all([events.waitUntilReady(), worker.waitUntilReady()])
    tasks['bullmq'] = async () => {
      const done = async (n: number) => {
        const job = await queue.add('job', { n }, { removeOnComplete: 100, removeOnFail: 100 })
        return job.waitUntilFinished(events).catch((error: Error) => error.message)
      }
      return [await done(1), await done(-1), (await queue.addBulk([{ name: 'bulk', data: { n: 2 } }])).length]
    }
    ends.push(async () => {
      await worker.close()
      await events.close()
      await queue.close()
    })
  }

  if (urls['mongo'] !== undefined) {
    const client = pinned(new (need('mongodb').MongoClient)(urls['mongo']))
    const things = client.db('faults').collection('things')
    tasks['mongodb'] = async () => [
      (await things.deleteMany({})).acknowledged,
      (await things.insertMany([{ n: 1 }, { n: 2 }, { n: 3 }])).insertedCount,
      await things.find({}, { projection: { _id: 0 }, batchSize: 2, sort: { n: 1 } }).toArray(),
      (await things.updateOne({ n: 1 }, { $set: { n: 4 } })).modifiedCount,
      await things.countDocuments({}),
      await things.aggregate([{ $match: { n: 2 } }, { $project: { _id: 0 } }]).toArray(),
      (await things.bulkWrite([{ insertOne: { document: { n: 5 } } }])).insertedCount,
      await failure(() => things.find({ $nothing: 1 }).toArray()),
    ]
    ends.push(() => client.close())
    const mongoose = need('mongoose')
    await mongoose.connect(urls['mongo'], { dbName: 'faults' })
    const Thing = mongoose.model('Thing', new mongoose.Schema({ n: { type: Number, required: true } }))
    tasks['mongoose'] = async () => [
      (await Thing.deleteMany({})).acknowledged,
      (await Thing.create({ n: 1 })).n,
      (await new Thing({ n: 2 }).save()).n,
      (await Thing.findOne({ n: 1 })).n,
      await Thing.find().select('n -_id').sort('n').lean(),
      await Thing.aggregate([{ $match: { n: 2 } }, { $project: { n: 1, _id: 0 } }]),
      await failure(() => new Thing({}).save()),
      await (async () => {
        const found: number[] = []
        for await (const { n } of Thing.find().sort('n').cursor()) found.push(n)
        return found
      })(),
    ]
    ends.push(() => mongoose.disconnect())
  }

  if (urls['memcached'] !== undefined) {
    const place = urls['memcached'].replace(/^\w+:\/\//, '')
    const old = pinned(new (need('memcached'))(place))
    tasks['memcached'] = async () => [
      await given((callback) => old.set('faults', 'a', 10, callback)),
      await given((callback) => old.get('faults', callback)),
      await given((callback) => old.getMulti(['faults', 'nothing'], callback)),
    ]
    ends.push(() => old.end())
    const client = pinned(need('memjs').Client.create(place))
    tasks['memjs'] = async () => [
      await client.set('faults', 'a', { expires: 10 }),
      String((await client.get('faults')).value),
      ((await given((callback) => client.get('nothing', callback))) as Buffer | null) === null,
    ]
    ends.push(() => client.close())
  }

  if (urls['nats'] !== undefined) {
    const { connect, StringCodec } = need('nats')
    const nats = pinned(await connect({ servers: urls['nats'] }))
    const codec = StringCodec()
    nats.subscribe('faults.echo', {
      callback: (_error: unknown, message: { data: unknown; respond(data: unknown): void }) =>
        message.respond(message.data),
    })
    tasks['nats'] = async () => {
      const iterated = nats.subscribe('faults.iterated', { max: 1 })
      nats.publish('faults.iterated', codec.encode('one'))
      const seen: string[] = []
      for await (const message of iterated) seen.push(codec.decode(message.data))
      const { data } = await nats.request('faults.echo', codec.encode('two'), { timeout: 1000 })
      return [seen, codec.decode(data), await failure(() => nats.request('faults.nobody', undefined, { timeout: 100 }))]
    }
    ends.push(() => nats.drain())
  }

  if (urls['rabbitmq'] !== undefined) {
    const connection = await need('amqplib').connect(urls['rabbitmq'])
    const channel = pinned(await connection.createConfirmChannel())
    const { queue } = await channel.assertQueue('', { exclusive: true })
    let seen: (text: string) => void = () => {}
    await channel.consume(queue, (message: { content: Buffer }) => {
      channel.ack(message)
      seen(String(message.content))
    })
    const other = await channel.assertQueue('', { exclusive: true })
    tasks['amqplib'] = async () => {
      const delivered = new Promise((resolve) => {
        seen = resolve
      })
      channel.sendToQueue(queue, Buffer.from('one'))
      channel.publish('', other.queue, Buffer.from('two'))
      await channel.waitForConfirms()
      const got = await channel.get(other.queue, { noAck: true })
      return [await delivered, String(got.content), await channel.get(other.queue)]
    }
    ends.push(() => connection.close())
  }

  return {
    tasks,
    async close() {
      for (const end of ends) await end()
    },
  }
}
