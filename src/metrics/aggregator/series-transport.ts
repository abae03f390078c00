// How series reach Datadog's API: connections that do not keep the process, and answers of which the beginning is enough.

import type { ApiAddress } from '../../api-transport/api-settings'
import { ApiTransport } from '../../api-transport/api-transport'
import { NodeExchange } from '../../api-transport/node-exchange'

/** Of an `ApiTransport`; what cannot give the requests for the exit of the process has nothing sent there. */
export type SeriesTransport = Pick<ApiTransport, 'address' | 'send'> &
  Partial<Pick<ApiTransport, 'takeBack' | 'requestOptions' | 'proxy' | 'close'>>

export interface SeriesTransportSettings extends Omit<ApiAddress, 'isOwnHost'> {
  /** Of a whole exchange. */
  readonly timeoutMs: number
}

/** Replies are small; of what exceeds this the rest is ignored. */
const MAX_REPLY_LENGTH = 64 * 1024

export function seriesTransport(settings: SeriesTransportSettings): ApiTransport {
  const { proxy } = settings
  return new ApiTransport(settings, new NodeExchange({ proxy, maxReplyLength: MAX_REPLY_LENGTH }))
}
