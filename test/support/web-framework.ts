// What every web framework is tested for: each application puts the same bytes on the wire with and without `dd`, and its requests
// have the spans they should, also many at once, on one connection, and given up half-way.

import { strict as assert } from 'node:assert'
import { once } from 'node:events'
import type { ServerResponse } from 'node:http'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { tracer } from '../../src'
import { find, type ReceivedSpan, type SpanNode, tree } from './agent'
import { type CallStyle, describeCallStyles } from './call-styles'
import type { Library } from './library'
import { ask, Dialogue, requestText } from './loopback'
import { Tracing } from './tracing'

/** How to come by an application of the framework, and by its answers. */
export interface Framework<App> {
  /** The name of the plugin; spans of requests are named after it, or after what it is built upon. */
  readonly plugin: string
  /** The plugin of the framework that it is built upon, and how that is to be. */
  readonly platform?: { readonly plugin: string; readonly options: object }
  readonly library: Library
  /** After the library was loaded anew. */
  make(): App | Promise<App>
  /** Gives the port. */
  serve(app: App): Promise<number>
  close(app: App): unknown
  /** Prototypes that the plugin patches; none where it must replace what the library exports. */
  patched(): readonly object[]
}

/** An application, what is asked of it, and the spans: `resource status (children)`, with the errors. */
export type WebRow<App> = readonly [
  name: string,
  build: (app: App) => unknown,
  line: string,
  spans: string,
  message?: string | undefined,
]

interface Row<App> extends CallStyle<App> {
  readonly spans: string
  readonly message: string | undefined
}

/** Requests by way of `http`; the spans of clients are of no interest. */
export const serverOnly = { http: { client: false } } as const

export function shape(nodes: readonly SpanNode[]): string {
  return nodes
    .map(({ span: { resource, error, meta }, children }) => {
      const parts = [
        resource,
        meta['http.status_code'],
        error ? 'error' : '',
        children.length && `(${shape(children)})`,
      ]
      return parts.filter(Boolean).join(' ')
    })
    .join(', ')
}

export const shapeOf = (spans: readonly ReceivedSpan[]) => shape(tree(spans))

/** Makes the next `load` run the library's files again, so that a plugin sees them loaded. */
export function forget({ folder }: Library): void {
  for (const path of Object.keys(require.cache)) if (path.startsWith(folder)) delete require.cache[path]
}

/** Work with a span of its own in the midst of other requests' work. */
export async function interleaved(resource: string): Promise<void> {
  await nextTurn()
  await tracer.trace('work', { resource }, () => nextTurn())
  await nextTurn()
}

/** A handler that fails after a while. */
export const boomLater = async () => {
  await nextTurn()
  throw new RangeError('boom')
}

/** Error pages show stacks, in which `dd` may appear. */
export function withoutStack(text: string): string {
  const stack = /<br>.*?(?=<\/pre>|$)|(\n|\\n) +at .*$/s
  return stack.test(text) ? text.replace(stack, '').replace(/content-length: \d+/i, '') : text
}

async function answerOf<App>({ serve }: Framework<App>, app: App, line: string): Promise<string> {
  const body = /^(POST|PUT|PATCH)/.test(line) ? '{"a":1}' : ''
  return withoutStack(await ask(await serve(app), line, body ? ['content-type: application/json'] : [], body))
}

/** A framework that is built upon none is its own. */
function platformOf<App>({ plugin, platform }: Framework<App>): NonNullable<Framework<App>['platform']> {
  return platform ?? { plugin, options: {} }
}

export function describeAnswers<App>(framework: Framework<App>, rows: readonly WebRow<App>[], options = {}): void {
  const { plugin, library, make, close } = framework
  const { plugin: platform, options: platformOptions } = platformOf(framework)
  let tracing: Tracing
  describeCallStyles<App, Row<App>>(
    'answers by',
    rows.map(([name, build, line, spans, message]) => ({
      name,
      spans,
      message,
      run: async (app) => {
        await build(app)
        return answerOf(framework, app, line)
      },
    })),
    {
      without: { before: () => forget(library), open: () => make(), close },
      with: {
        before: async () => {
          forget(library)
          tracing = await Tracing.start({ ...serverOnly, [platform]: platformOptions, [plugin]: options })
        },
        open: async () => {
          // What a row before has left behind.
          await tracing.spans()
          tracing.clear()
          return make()
        },
        async check({ spans, message }) {
          const received = await tracing.spans()
          assert.equal(shapeOf(received), spans)
          assert.equal(find(received, `${platform}.request`).meta['error.message'], message)
        },
        close,
        after: () => tracing.stop(),
      },
    },
  )
}

/** Applications of a framework, as they are needed for what concerns all requests. */
export interface Program<App> {
  /** `GET /cart/:cart/item/:id`: does `interleaved(id)` and answers with the id. */
  cart(app: App): unknown
  readonly cartRoute: string
  /** The spans below the request's. */
  cartSpans(id: string): string
  /** What remains of them where there is no request's. Default: the work alone. */
  readonly spansWithoutHttp?: readonly string[]
  /** `GET /hang/:id`: hands over the response and never answers. */
  hang(app: App, begun: (response: ServerResponse) => void): unknown
  /** With the request's. */
  readonly hangSpans: string
}

export function describeProgram<App>(framework: Framework<App>, program: Program<App>): void {
  const { plugin, library, make, serve, close, patched } = framework
  const { plugin: platform, options: platformOptions } = platformOf(framework)
  const request = `${platform}.request`
  let tracing: Tracing
  let app: App
  let port: number
  const start = async (
    build: (app: App) => unknown,
    plugins: Record<string, boolean | object> = { [platform]: platformOptions, [plugin]: true },
  ) => {
    tracing = await Tracing.start({ ...serverOnly, ...plugins })
    app = await make()
    await build(app)
    port = await serve(app)
  }

  describe('of a program', () => {
    beforeEach(() => forget(library))
    afterEach(async () => {
      await close(app)
      await tracing.stop()
    })

    it('renames the span of the server, and nothing else about it', async () => {
      await start((app) => program.cart(app))
      await ask(port, 'GET /cart/1/item/2?token=abc')
      const spans = await tracing.spans()
      const { name, type, resource, service, meta, metrics } = find(spans, request)
      assert.deepEqual([name, type, resource, service], [request, 'web', `GET ${program.cartRoute}`, 'test'])
      const tags = {
        component: platform,
        '_dd.integration': platform,
        'span.kind': 'server',
        'http.route': program.cartRoute,
        'http.method': 'GET',
        'http.url': 'http://shop.example/cart/1/item/2?<redacted>',
        'http.status_code': '200',
      }
      assert.deepEqual({ ...meta, ...tags }, meta)
      assert.equal(metrics['_dd.measured'], 1)
    })

    it('gives each of 20 requests at once its own tree', async () => {
      await start((app) => program.cart(app))
      const ids = Array.from({ length: 20 }, (_, n) => String(n))
      await Promise.all(ids.map((id) => ask(port, `GET /cart/${id}/item/${id}`)))
      const trees = tree(await tracing.spans())
      assert.equal(trees.length, 20)
      for (const one of trees) {
        const id = one.span.meta['http.url']!.split('/').at(-1)!
        assert.equal(shape([one]), `GET ${program.cartRoute} 200 (${program.cartSpans(id)})`)
      }
    })

    it('tells requests on one connection apart', async () => {
      await start((app) => program.cart(app))
      const dialogue = Dialogue.open(port)
      for (const id of ['1', '2', '3']) {
        dialogue.received = ''
        await dialogue.say(requestText(`GET /cart/0/item/${id}`)).answer(new RegExp(`\\r\\n\\r\\n.*${id}`, 's'))
      }
      dialogue.socket.destroy()
      assert.equal(
        shapeOf(await tracing.spans()),
        ['1', '2', '3'].map((id) => `GET ${program.cartRoute} 200 (${program.cartSpans(id)})`).join(', '),
      )
    })

    it('finishes everything when the client hangs up', async () => {
      let begun: (response: ServerResponse) => void = () => {}
      const response = new Promise<ServerResponse>((resolve) => {
        begun = resolve
      })
      await start((app) => program.hang(app, begun))
      const dialogue = Dialogue.open(port).say(requestText('GET /hang/1'))
      const closed = once(await response, 'close')
      dialogue.socket.destroy()
      await closed
      assert.equal(shapeOf(await tracing.spans()), program.hangSpans)
    })

    if (platform === plugin)
      it('names the service of its requests', async () => {
        await start((app) => program.cart(app), { [plugin]: { service: 'shop-front' } })
        await ask(port, 'GET /cart/1/item/2')
        const { service, meta } = find(await tracing.spans(), request)
        assert.deepEqual([service, meta['_dd.svc_src'], meta['_dd.base_service']], ['shop-front', plugin, 'test'])
      })

    it('makes no spans without http', async () => {
      await start((app) => program.cart(app), { http: false, [platform]: platformOptions, [plugin]: true })
      await ask(port, 'GET /cart/1/item/2')
      const spans = await tracing.spans()
      assert.deepEqual(
        spans.map(({ resource, parent_id }) => [resource, parent_id]),
        (program.spansWithoutHttp ?? ['2']).map((resource) => [resource, '0']),
      )
    })

    it('patches what was loaded before, and leaves everything as it was, before and after', async () => {
      app = await make()
      await program.cart(app)
      if (patched().length === 0) return void (await start(() => {}))
      const described = () => patched().map((prototype) => Object.getOwnPropertyDescriptors(prototype))
      const before = described()
      tracing = await Tracing.start({ ...serverOnly, [plugin]: false })
      assert.deepEqual(described(), before)
      await tracing.stop()
      tracing = await Tracing.start({ ...serverOnly, [plugin]: true })
      for (const [index, one] of described().entries()) assert.notDeepEqual(one, before[index])
      const looks = (all: ReturnType<typeof described>) =>
        all.map((one) => Object.entries(one).map(([key, { value }]) => [key, value?.name, value?.length]))
      assert.deepEqual(looks(described()), looks(before))
      await close(app)
      await tracing.stop()
      assert.deepEqual(described(), before)
      // For what is done after each test.
      await start(() => {})
    })
  })
}
