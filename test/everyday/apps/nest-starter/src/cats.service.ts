// Keeps the cats.

import { Injectable, NotFoundException } from '@nestjs/common'

export interface Cat {
  id: number
  name: string
  age: number
}

@Injectable()
export class CatsService {
  private readonly cats: Cat[] = [1, 2, 3].map((id) => ({ id, name: `Cat ${id}`, age: id }))

  all() {
    return this.cats
  }

  async one(id: number) {
    await new Promise((resolve) => setTimeout(resolve, 1))
    const cat = this.cats.find((one) => one.id === id)
    if (cat === undefined) throw new NotFoundException(`there is no cat ${id}`)
    return cat
  }
}
