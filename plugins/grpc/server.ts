// Calls that come in: a span from the handler's beginning to the status that it gives, by callback or by the end of its stream, or
// to the cancel or the deadline of the client. Handlers run inside it, and so do the events of their call.

import type { AnyFunction, CallStart, Operation, Patcher } from '../../src/plugin'
import {
  CANCELLED,
  type GrpcOptions,
  type Metadata,
  methodTags,
  noteMetadata,
  noteStatus,
  OK,
  UNKNOWN,
} from './options'

/** What a handler is given: an emitter, a readable, a writable or both. */
interface ServerCall {
  readonly metadata: Metadata
  readonly cancelled?: boolean
  emit: AnyFunction
  on: AnyFunction
  removeListener: AnyFunction
  listenerCount(event: string | symbol): number
}

type HandlerArgs = [call: ServerCall, callback?: (...args: unknown[]) => unknown]
/** Named by the library's own word for the type of a handler. */
const KINDS: Readonly<Record<string, string>> = {
  unary: 'unary',
  clientStream: 'client_streaming',
  serverStream: 'server_streaming',
  bidi: 'bidi_streaming',
}

export function traceServer(
  { Server }: { Server: { prototype: { register: AnyFunction } } },
  patcher: Patcher<GrpcOptions>,
): void {
  if (patcher.options.server === false) return
  patcher.wrap(Server.prototype, 'register', (original) => {
    return {
      register(this: object, ...args: unknown[]) {
        const [path, handler, , , type] = args
        if (typeof handler === 'function') {
          const traced = patcher.guarded('register', () =>
            patcher.traced(handler as AnyFunction, handlerOperation(this, String(path), String(type), patcher)),
          )
          args[1] = traced ?? handler
        }
        return Reflect.apply(original, this, args)
      },
    }.register
  })
}

/** The events of calls come from the connection; so does the end of those that stream their answer. */
export function bindCalls(exports: Record<string, { prototype: ServerCall }>, patcher: Patcher<GrpcOptions>): void {
  if (patcher.options.server === false) return
  for (const kind of ['Unary', 'Readable', 'Writable', 'Duplex']) {
    const exported = exports[kind === 'Unary' ? 'ServerUnaryCallImpl' : `Server${kind}StreamImpl`]
    if (exported !== undefined) patcher.bindEvents(exported.prototype)
  }
}

function handlerOperation(
  owner: object,
  path: string,
  type: string,
  { options: { server }, tracer }: Patcher<GrpcOptions>,
): Operation<object, HandlerArgs> {
  const { errorStatuses = [[2, 16]], metadata: keys, service } = server === false ? {} : (server ?? {})
  const calledBack = type === 'unary' || type === 'clientStream'
  const shared = { ...methodTags(path, KINDS[type] ?? type), 'grpc.status.code': OK }
  return {
    name: 'grpc.server',
    v1Name: 'grpc.server.request',
    type: 'web',
    kind: 'server',

    pinOn: () => owner,

    start(_service, [call]): CallStart {
      return {
        resource: path,
        service,
        parent: tracer.extract('http_headers', call.metadata.getMap() as Record<string, string>) ?? null,
        tags: shared,
        callback: calledBack ? 'last' : undefined,
        until: { emitter: call as never, events: calledBack ? ['cancelled'] : ['finish', 'cancelled'] },
        bind: [call],
      }
    },

    before: (span, [call]) => noteMetadata(span, 'request', call.metadata, keys),

    finish(span, _value, [call], error) {
      const { code, details } = (error ?? {}) as { code?: unknown; details?: unknown }
      const status = error ? (typeof code === 'number' ? code : UNKNOWN) : call.cancelled ? CANCELLED : OK
      noteStatus(span, status, details, errorStatuses)
    },
  }
}
