// The tables, as Drizzle has them.

import { boolean, pgSchema, serial, text } from 'drizzle-orm/pg-core'

export const SCHEMA = 'everyday_drizzle'

export const tasks = pgSchema(SCHEMA).table('tasks', {
  id: serial('id').primaryKey(),
  title: text('title').notNull(),
  done: boolean('done').notNull(),
})
