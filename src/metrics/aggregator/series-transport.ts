// How series reach Datadog's API: connections that do not keep the process, answers of which the beginning is enough, and what is needed to
// send at the exit of the process.

import type { RequestOptions } from 'node:http'
import type { ApiAddress } from '../../api-transport/api-settings'
import { type ApiCall, ApiTransport } from '../../api-transport/api-transport'
import { NodeExchange } from '../../api-transport/node-exchange'

export interface SeriesTransportSettings extends Omit<ApiAddress, 'isOwnHost'> {
  /** Of a whole exchange. */
  readonly timeoutMs: number
}

/** Replies are small; of what exceeds this the rest is ignored. */
const MAX_REPLY_LENGTH = 64 * 1024

export class SeriesApiTransport extends ApiTransport {
  /** Of a proxy that requests at the exit go through. */
  readonly proxy: string | undefined
  readonly #exchange: NodeExchange

  constructor(settings: SeriesTransportSettings) {
    const { proxy } = settings
    const exchange = new NodeExchange({ proxy, maxReplyLength: MAX_REPLY_LENGTH })
    super(settings, exchange)
    this.proxy = settings.url.protocol === 'https:' ? proxy : undefined
    this.#exchange = exchange
  }

  /** A call for a thread that is no more than Node's own client: what `http.request` takes. */
  requestOptions(call: ApiCall): RequestOptions {
    const url = this.urlOf(call.path)
    return {
      method: call.verb,
      protocol: url.protocol,
      hostname: url.hostname.replace(/^\[|\]$/g, ''),
      port: url.port,
      path: url.pathname + url.search,
      headers: this.headersOf(call),
    }
  }

  /** Cuts off what is under way; false if all of it has left the process. */
  takeBack(): boolean {
    return this.#exchange.takeBack()
  }

  close(): void {
    this.#exchange.close()
  }
}

/** What sends series; what cannot give the requests for the exit of the process has nothing sent there. */
export type SeriesTransport = Pick<SeriesApiTransport, 'address' | 'send'> &
  Partial<Pick<SeriesApiTransport, 'takeBack' | 'requestOptions' | 'proxy' | 'close'>>
