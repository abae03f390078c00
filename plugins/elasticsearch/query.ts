// What the requests of all search clients have in common: Elasticsearch's, and OpenSearch's, which grew out of them.

import { type AnyFunction, belongs, hiddenField, type Operation, type Patcher, type Span, tags } from '../../src/plugin'
import { withoutBrackets } from '../http/url'
import { bodyText } from './body-text'

export type System = 'elasticsearch' | 'opensearch'

interface Params {
  readonly method?: unknown
  readonly path?: unknown
  readonly body?: unknown
  readonly bulkBody?: unknown
  readonly querystring?: unknown
  readonly query?: unknown
}

export type RequestArgs = [params: Params, ...rest: unknown[]]

/** The span of a request, on the object that describes it. */
const spans = hiddenField<Span>()

/** What is made of a client has a transport of its own. */
export function followChildren(exports: ClientExports, patcher: Patcher): void {
  const { prototype } = 'default' in exports ? exports.default : 'Client' in exports ? exports.Client : exports
  patcher.wrap(prototype, 'child', (original) => {
    return {
      child(this: Client, ...args: unknown[]) {
        const child = Reflect.apply(original, this, args) as Client
        patcher.guarded('child', () => belongs(child.transport, this.transport))
        return child
      },
    }.child
  })
}

interface Client {
  readonly transport: object
}

type ClientClass = { readonly prototype: { child: AnyFunction } }
type ClientExports = ClientClass | { readonly Client: ClientClass } | { readonly default: ClientClass }

export const spanOfRequest = (params: unknown): Span | undefined => spans.get(params as object)

export function queries(system: System, { tracer }: Patcher): Operation<object, RequestArgs> {
  const [url, method, body, params] = ['url', 'method', 'body', 'params'].map((tag) => `${system}.${tag}`) as [
    ...[string, string, string, string],
  ]
  return {
    name: `${system}.query`,
    type: 'elasticsearch',
    kind: 'client',
    system,

    start(_transport, [request]) {
      if (typeof request !== 'object' || request === null) return undefined
      // The first clients of 7 make a promise by calling themselves.
      const asking = spans.get(request)
      if (asking !== undefined && asking === tracer.activeSpan) return undefined
      const path = String(request.path ?? '/')
      return {
        resource: `${request.method} ${path.replace(/\d+/g, '?')}`,
        callback: 'last',
        eager: true,
        tags: {
          [tags.DB_TYPE]: system,
          [url]: path,
          [method]: String(request.method),
          [body]: isAboutSecrets(path) ? undefined : bodyText(request.body ?? request.bulkBody),
          [params]: bodyText(request.querystring ?? request.query),
        },
      }
    },

    before: (span, [request]) => spans.set(request, span),
  }
}

/** The endpoints for users, keys and tokens. */
function isAboutSecrets(path: string): boolean {
  return /^\/_?(?:xpack|plugins|opendistro)?\/?_security\//.test(path)
}

/** Notes which of the servers a request went to. */
export function noteServer(span: Span | undefined, host: string, port: number): void {
  if (span === undefined) return
  span.put(tags.OUT_HOST, withoutBrackets(host))
  span.put(tags.DESTINATION_PORT, port)
}

export function portOf({ protocol, port }: URL): number {
  return Number(port) || (protocol === 'https:' ? 443 : 80)
}
