// The root module: a controller of its own, and the cats.

import { Controller, Get, Module, UseFilters } from '@nestjs/common'
import { CatsController } from './cats.controller'
import { CatsService } from './cats.service'
import { SoldOut, SoldOutFilter } from './sold-out.filter'

@Controller()
export class AppController {
  @Get()
  hello() {
    return 'Hello World!'
  }

  @Get('failure')
  async failure() {
    await new Promise((resolve) => setImmediate(resolve))
    throw new Error('this always fails')
  }

  @Get('filtered')
  @UseFilters(SoldOutFilter)
  filtered() {
    throw new SoldOut('cats')
  }
}

@Module({ controllers: [AppController, CatsController], providers: [CatsService] })
export class AppModule {}
