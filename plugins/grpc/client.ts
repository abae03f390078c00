// Calls that go out, of all four kinds: each asks one function of the library for what starts it, and is told its status by one
// listener, whether it ends well, fails, is cancelled or is late. The callbacks and events of the program follow from that.

import { EventEmitter } from 'node:events'
import { isIP } from 'node:net'
import { type AnyFunction, type CallStart, type Operation, type Patcher, type Span, tags } from '../../src/plugin'
import { type GrpcOptions, type Metadata, methodTags, noteMetadata, noteStatus, OK } from './options'

interface Method {
  readonly path: string
  readonly requestStream: boolean
  readonly responseStream: boolean
}

interface Status {
  readonly code: number
  readonly details?: string
  readonly metadata?: Metadata
}

interface Listener {
  onReceiveMetadata?(metadata: Metadata): void
  onReceiveMessage?(message: unknown): void
  onReceiveStatus?(status: Status): void
}

interface InterceptingCall {
  start: AnyFunction
  getPeer(): string
}

interface Channel {
  getTarget(): string
}

/** A call that is going to start. Its `status` event tells the end. */
class Outgoing extends EventEmitter {
  readonly start: AnyFunction
  status: Status = { code: OK }
  answer: Metadata | undefined

  constructor(
    readonly call: InterceptingCall,
    readonly method: Method,
    readonly channel: Channel,
  ) {
    super()
    this.start = call.start
  }
}

type StartArgs = [metadata: Metadata, listener?: Listener]

interface ClientModule {
  getInterceptingCall(interceptors: unknown, method: Method, options: unknown, channel: Channel): InterceptingCall
}

type PatchClient = (exports: ClientModule, patcher: Patcher<GrpcOptions>) => void

/** Where a call knows the address that it went to. */
export const traceClient: PatchClient = (exports, patcher) => trace(exports, patcher, ({ call }) => call.getPeer())

/** Where it throws when it is asked: what the channel was made for has to do. */
export const traceClientOfTarget: PatchClient = (exports, patcher) =>
  trace(exports, patcher, ({ channel }) => channel.getTarget())

function trace(exports: ClientModule, patcher: Patcher<GrpcOptions>, peerOf: (outgoing: Outgoing) => string): void {
  const options = patcher.options.client ?? {}
  if (options === false) return
  const { errorStatuses = [[1, 16]], metadata: keys, service } = options
  const calls: Operation<Outgoing, StartArgs> = {
    name: 'grpc.client',
    v1Name: 'grpc.client.request',
    type: 'http',
    kind: 'client',
    peerTags: ['rpc.service'],
    activate: false,

    pinOn: ({ channel }) => channel,

    start(outgoing, args): CallStart {
      const { path, requestStream, responseStream } = outgoing.method
      args[1] = listenIn(outgoing, args[1] ?? {}, patcher)
      return {
        resource: path,
        service,
        tags: { ...methodTags(path, kindOf(requestStream, responseStream)), 'grpc.status.code': OK },
        until: { emitter: outgoing, events: ['status'] },
      }
    },

    before(span, args, _outgoing, headers) {
      noteMetadata(span, 'request', args[0], keys)
      // A copy: the program may use its own for many calls.
      const metadata = args[0].clone()
      const added = headers()
      for (const name in added) metadata.set(name, added[name] as string)
      args[0] = metadata
    },

    finish(span, value) {
      const outgoing = value as Outgoing | undefined
      if (outgoing === undefined) return
      const { status, answer } = outgoing
      notePeer(span, peerOf(outgoing))
      noteMetadata(span, 'response', status.metadata, keys)
      noteMetadata(span, 'response', answer, keys)
      noteStatus(span, status.code, status.details, errorStatuses)
    },
  }
  // A client sends by a channel, which several may share.
  patcher.whenPinned((target) => {
    const { getChannel, makeUnaryRequest } = target as Record<string, unknown>
    return typeof getChannel === 'function' && typeof makeUnaryRequest === 'function'
      ? (getChannel.call(target) as object)
      : undefined
  })
  const begin = patcher.tracing(calls)(function (this: Outgoing, ...args: unknown[]) {
    return Reflect.apply(this.start, this.call, args)
  })
  patcher.wrap(exports, 'getInterceptingCall', (original) => {
    return {
      getInterceptingCall(this: unknown, ...args: unknown[]) {
        const call = Reflect.apply(original, this, args) as InterceptingCall
        patcher.guarded('call', () => {
          const outgoing = new Outgoing(call, args[1] as Method, args[3] as Channel)
          call.start = (...given: unknown[]) => Reflect.apply(begin, outgoing, given)
        })
        return call
      },
    }.getInterceptingCall
  })
}

function kindOf(requestStream: boolean, responseStream: boolean): string {
  if (requestStream) return responseStream ? 'bidi_streaming' : 'client_streaming'
  return responseStream ? 'server_streaming' : 'unary'
}

/** The library's listener in the context of the call, not in that of the connection. */
function listenIn(outgoing: Outgoing, listener: Listener, patcher: Patcher<GrpcOptions>): Listener {
  const inCaller = patcher.tracer.scope().bind((step: () => void) => step())
  return {
    onReceiveMetadata(metadata) {
      outgoing.answer = metadata
      inCaller(() => listener.onReceiveMetadata?.(metadata))
    },
    onReceiveMessage: (message) => inCaller(() => listener.onReceiveMessage?.(message)),
    onReceiveStatus(status) {
      outgoing.status = status
      outgoing.emit('status')
      inCaller(() => listener.onReceiveStatus?.(status))
    },
  }
}

/** `127.0.0.1:50051`, `[::1]:50051`; or the target that could not be reached, such as `dns:name:50051`. */
function notePeer(span: Span, peer: string): void {
  const [, host = '', port] = /^(?:[a-z\d]+:)?\[?(.*?)\]?:(\d+)$/.exec(peer) ?? []
  if (port === undefined) return
  span.put(isIP(host) === 0 ? tags.OUT_HOST : 'network.destination.ip', host)
  span.put(tags.DESTINATION_PORT, Number(port))
}
