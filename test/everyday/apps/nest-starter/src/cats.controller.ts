// All about cats: a guard, an interceptor, pipes, and every way to answer.

import { Readable } from 'node:stream'
import {
  Body,
  type CallHandler,
  type CanActivate,
  Controller,
  Delete,
  type ExecutionContext,
  Get,
  HttpCode,
  Injectable,
  type NestInterceptor,
  Param,
  ParseIntPipe,
  Patch,
  Post,
  Put,
  Redirect,
  Sse,
  StreamableFile,
  UseGuards,
  UseInterceptors,
} from '@nestjs/common'
import { IsInt, IsString } from 'class-validator'
import { from, map } from 'rxjs'
import { CatsService } from './cats.service'

class NewCat {
  @IsString()
  name: string

  @IsInt()
  age: number
}

@Injectable()
class SecretGuard implements CanActivate {
  canActivate(context: ExecutionContext) {
    return context.switchToHttp().getRequest().headers.authorization === 'secret'
  }
}

@Injectable()
class Wrapped implements NestInterceptor {
  intercept(_context: ExecutionContext, next: CallHandler) {
    return next.handle().pipe(map((cats) => ({ cats })))
  }
}

@Controller('cats')
export class CatsController {
  constructor(private readonly cats: CatsService) {}

  @Get()
  @UseInterceptors(Wrapped)
  all() {
    return this.cats.all()
  }

  @Get(':id')
  one(@Param('id', ParseIntPipe) id: number) {
    return this.cats.one(id)
  }

  @Post()
  add(@Body() cat: NewCat) {
    return { id: 4, ...cat }
  }

  @Put(':id')
  async replace(@Param('id', ParseIntPipe) id: number, @Body() cat: NewCat) {
    return { ...(await this.cats.one(id)), ...cat }
  }

  @Patch(':id')
  async change(@Param('id', ParseIntPipe) id: number, @Body() change: Record<string, unknown>) {
    return { ...(await this.cats.one(id)), ...change }
  }

  @Delete(':id')
  @UseGuards(SecretGuard)
  @HttpCode(204)
  remove() {}

  @Get(':id/stream')
  stream() {
    return new StreamableFile(Readable.from([Buffer.from('one '), Buffer.from('two')]))
  }

  @Get(':id/observable')
  observable() {
    return from(['first', 'last'])
  }

  @Sse(':id/events')
  events() {
    return from([{ data: 'miaow' }, { data: 'purr' }])
  }

  @Get(':id/redirect')
  @Redirect('/cats', 302)
  redirect() {}
}
