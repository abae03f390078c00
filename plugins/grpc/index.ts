// gRPC by `@grpc/grpc-js`: calls of clients and of servers, unary and streaming.

import { definePlugin } from '../../src/plugin'
import { traceClient, traceClientOfTarget } from './client'
import { bindCalls, traceServer } from './server'

const grpc = { module: '@grpc/grpc-js', versions: '>=1.0.3 <2' }
const clients = 'build/src/client-interceptors.js'

export default definePlugin({
  name: 'grpc',
  hooks: [
    { ...grpc, versions: '>=1.0.3 <1.1.0', file: clients, patch: traceClientOfTarget },
    { ...grpc, versions: '>=1.1.0 <2', file: clients, patch: traceClient },
    { ...grpc, file: 'build/src/server.js', patch: traceServer },
    { ...grpc, file: 'build/src/server-call.js', patch: bindCalls },
  ],
})
