// HTTP over Node's own `http` and `https`: servers and clients.

import type * as http from 'node:http'
import { definePlugin, type Patcher } from '../../src/plugin'
import { bindClientEvents, traceClient } from './client'
import type { HttpOptions } from './options'
import { bindServerEvents, traceServer } from './server'

export default definePlugin({
  name: 'http',
  hooks: [
    {
      module: 'http',
      patch(module: typeof http, patcher: Patcher<HttpOptions>) {
        traceServer(module, patcher)
        bindServerEvents(module, patcher)
        traceClient(module, 'http:', patcher)
        bindClientEvents(module, patcher)
      },
    },
    {
      module: 'https',
      patch(module: typeof http, patcher: Patcher<HttpOptions>) {
        traceServer(module, patcher)
        traceClient(module, 'https:', patcher)
      },
    },
  ],
})
