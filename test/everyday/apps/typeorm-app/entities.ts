// The tables, as TypeORM has them.

import { Column, Entity, ManyToOne, OneToMany, PrimaryColumn, PrimaryGeneratedColumn } from 'typeorm'

export const SCHEMA = 'everyday_typeorm'

@Entity()
export class Room {
  @PrimaryColumn('int')
  number!: number

  @OneToMany(() => Guest, (guest) => guest.room)
  guests?: Guest[]
}

@Entity()
export class Guest {
  @PrimaryGeneratedColumn()
  id!: number

  @Column('text', { unique: true })
  name!: string

  @ManyToOne(() => Room, (room) => room.guests)
  room?: Room
}
