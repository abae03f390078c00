// Global `fetch` and undici, by the channels that undici publishes in both forms since 5.x (Node ≥ 18).
//
// A pool whose connections are busy makes the request later, when another one has ended: the package's dispatchers are patched so that
// it still belongs to whoever asked.
//
// A redirect is a request of its own, as it is on the wire. One that the program gives up is no error.

import {
  type ChannelOperation,
  definePlugin,
  findPin,
  hiddenField,
  type Patcher,
  type PluginOptions,
  pinsAreThere,
  tags,
} from '../src/plugin'
import { HeaderTags, inList, inText } from './http/header-tags'
import { type ClientOptions, inRanges, matchesAny } from './http/options'
import { urlOf, withoutBrackets, withoutQuery } from './http/url'

interface Request {
  readonly method: string
  readonly origin: string | URL
  /** With the query; towards a proxy, the whole URL. */
  readonly path: string
  readonly upgrade?: unknown
  /** Names and values in turn; text before undici 6. */
  headers: unknown
  addHeader(name: string, value: string): unknown
}

interface Message {
  readonly request: Request
  readonly response?: { readonly statusCode: number; readonly headers?: unknown }
}

interface DispatcherBase {
  dispatch(options: object, handler: object): boolean
}

type UndiciOptions = PluginOptions & Omit<ClientOptions, 'service'>

interface Asked {
  readonly caller: Patcher['active']
  readonly dispatcher: object
}

/** Where, and of whom, a request was asked for. */
const asked = hiddenField<Asked>()
/** The dispatcher that is at work, and the one that the program has asked. */
let dispatching: readonly [inner: object, outer: object] | undefined

/** A pool, an agent and a client each dispatch the same options in turn. */
function keepCallers({ prototype }: { prototype: DispatcherBase }, patcher: Patcher): void {
  patcher.wrap(prototype, 'dispatch', (original) => {
    return {
      dispatch(this: DispatcherBase, ...args: unknown[]) {
        const [options] = args
        if (typeof options !== 'object' || options === null) return Reflect.apply(original, this, args)
        const before = dispatching
        const known = asked.get(options)
        dispatching = pinsAreThere() ? [this, known?.dispatcher ?? this] : undefined
        try {
          if (known?.caller !== undefined) return patcher.run(known.caller, original, this, args)
          patcher.guarded('dispatch', () => {
            // A copy, because programs use their options for several requests at once.
            const own = { ...options }
            asked.set(own, { caller: patcher.active, dispatcher: this })
            args[0] = own
          })
          return Reflect.apply(original, this, args)
        } finally {
          dispatching = before
        }
      },
    }.dispatch
  })
}

export default definePlugin({
  name: 'undici',
  hooks: [
    {
      module: 'undici',
      versions: '>=5 <9',
      file: ['lib/dispatcher-base.js', 'lib/dispatcher/dispatcher-base.js'],
      patch: keepCallers,
    },
  ],
  channels: [
    {
      module: 'undici',
      channel: {
        start: 'undici:request:create',
        progress: 'undici:request:headers',
        finish: 'undici:request:trailers',
        error: 'undici:request:error',
      },
      operation: requests,
    },
  ],
})

function requests(options: UndiciOptions): ChannelOperation {
  const { blocklist, propagationBlocklist, errorStatuses = [[400, 499]] } = options
  const headerTags = new HeaderTags(options.headers)
  return {
    name: 'http.request',
    v1Name: 'http.client.request',
    type: 'http',
    kind: 'client',

    key: ({ request }: Message) => request,

    start({ request: { method, origin, path, upgrade } }: Message) {
      // No message tells the end of what becomes a WebSocket or a tunnel.
      if (upgrade || method === 'CONNECT') return undefined
      const { protocol, host, hostname, port } = new URL(origin)
      const url = withoutQuery(urlOf(protocol, host, path))
      if (matchesAny(blocklist, url, withoutQuery(path))) return undefined
      return {
        resource: method,
        tags: {
          [tags.HTTP_METHOD]: method,
          [tags.HTTP_URL]: url,
          [tags.OUT_HOST]: withoutBrackets(hostname),
          [tags.DESTINATION_PORT]: Number(port) || (protocol === 'https:' ? 443 : 80),
        },
      }
    },

    /** Node's own `fetch` does not tell of its dispatchers. */
    pinOn: () => dispatching?.find((dispatcher) => findPin(dispatcher) !== undefined),

    before(span, { request }: Message, headers) {
      if (!headerTags.isEmpty) {
        const { headers: given } = request
        headerTags.putRequest(span, typeof given === 'string' ? inText(given) : inList(given))
      }
      if (matchesAny(propagationBlocklist, String(span.getTag(tags.HTTP_URL)), withoutQuery(request.path))) return
      for (const [name, value] of Object.entries(headers())) setHeader(request, name, value)
    },

    progress(span, { response }: Message) {
      if (!headerTags.isEmpty) headerTags.putResponse(span, inList(response?.headers))
      const status = response?.statusCode ?? 0
      span.put(tags.HTTP_STATUS_CODE, String(status))
      if (inRanges(status, errorStatuses)) span.error = 1
    },

    isError: (error) => (error as { name?: unknown } | undefined)?.name !== 'AbortError',
  }
}

/** undici would send both if the program passes on the headers of another trace. */
function setHeader(request: Request, name: string, value: string): void {
  const { headers } = request
  if (typeof headers === 'string') request.headers = headers.replace(new RegExp(`^${name}: .*\\r\\n`, 'im'), '')
  const list = Array.isArray(headers) ? (headers as unknown[]) : []
  const at = list.findIndex((given, index) => index % 2 === 0 && String(given).toLowerCase() === name)
  if (at === -1) request.addHeader(name, value)
  else list[at + 1] = value
}
