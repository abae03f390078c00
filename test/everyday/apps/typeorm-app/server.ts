// Guests of a hotel in TypeScript, run without a build by tsx: hapi, TypeORM on PostgreSQL.

import 'reflect-metadata'
import Boom from '@hapi/boom'
import Hapi from '@hapi/hapi'
import { DataSource, QueryFailedError } from 'typeorm'
import { Guest, Room, SCHEMA } from './entities.js'

const source = new DataSource({
  type: 'postgres',
  url: process.env['DATABASE_URL']!,
  schema: SCHEMA,
  entities: [Guest, Room],
  extra: { max: 3 },
})

async function main(): Promise<void> {
  await source.initialize()
  await source.query(`drop schema if exists ${SCHEMA} cascade`)
  await source.query(`create schema ${SCHEMA}`)
  await source.synchronize()
  const guests = source.getRepository(Guest)
  await source.manager.save(Room, [{ number: 1 }, { number: 2 }])

  const server = Hapi.server({ port: Number(process.env['PORT']), host: '127.0.0.1' })
  server.route([
    {
      method: 'GET',
      path: '/guests',
      handler: () => guests.find({ relations: { room: true }, order: { id: 'ASC' } }),
    },
    {
      method: 'GET',
      path: '/guests/{id}',
      handler: async ({ params }) => (await guests.findOneBy({ id: Number(params['id']) })) ?? Boom.notFound('no such guest'),
    },
    {
      method: 'POST',
      path: '/guests',
      handler: async ({ payload }, h) => {
        const { name, room: number } = payload as { name: string; room: number }
        const guest = await source.transaction(async (manager) => {
          const room = await manager.findOneByOrFail(Room, { number })
          return manager.save(Guest, { name, room })
        })
        return h.response(guest).code(201)
      },
    },
    {
      method: 'DELETE',
      path: '/guests/{id}',
      handler: async ({ params }, h) => {
        await guests.delete(Number(params['id']))
        return h.response().code(204)
      },
    },
    {
      method: 'GET',
      path: '/rooms/free',
      handler: () =>
        source
          .createQueryBuilder(Room, 'room')
          .leftJoin('room.guests', 'guest')
          .where('guest.id is null')
          .orderBy('room.number')
          .getMany(),
    },
    { method: 'GET', path: '/wrong', handler: () => source.query('select nothing from nowhere') },
  ])
  server.ext('onPreResponse', ({ response }, h) => {
    if (response instanceof QueryFailedError && response.driverError.code === '23505') {
      throw Boom.conflict('taken')
    }
    return h.continue
  })
  await server.start()

  process.once('SIGTERM', async () => {
    await server.stop()
    await source.query(`drop schema ${SCHEMA} cascade`)
    await source.destroy()
    console.log('closed')
  })
}

void main()
