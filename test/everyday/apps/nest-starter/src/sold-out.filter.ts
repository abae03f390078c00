// An error of the shop, and the filter that answers for it.

import { type ArgumentsHost, Catch, type ExceptionFilter } from '@nestjs/common'

export class SoldOut extends Error {}

@Catch(SoldOut)
export class SoldOutFilter implements ExceptionFilter {
  catch(error: SoldOut, host: ArgumentsHost) {
    host.switchToHttp().getResponse().status(410).json({ soldOut: error.message })
  }
}
