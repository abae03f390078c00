// NestJS as its tests see it, on both of its platforms. Controllers are described by plain objects, and decorated as a compiler would.

import type { Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Library } from './library'
import type { Framework } from './web-framework'

type Decorator = (target: object, key?: string, descriptor?: PropertyDescriptor | number) => unknown
type Decorators = Record<string, (...args: unknown[]) => Decorator>

export interface Action {
  /** The decorator that makes it one, such as `Get`, and its path. */
  readonly route: readonly [verb: string, path?: string | string[]]
  /** The decorators of its parameters. */
  readonly params?: readonly (readonly [name: string, ...args: unknown[]])[]
  /** More of them for the method, such as `UseGuards`. */
  readonly also?: readonly (readonly [name: string, ...args: unknown[]])[]
  run(...args: never[]): unknown
}

interface NestApplication {
  setGlobalPrefix(prefix: string): unknown
  use(middleware: unknown): unknown
  listen(port: number, host: string): Promise<unknown>
  getHttpServer(): Server
  close(): Promise<unknown>
}

export interface App {
  /** All that `@nestjs/common` exports. */
  readonly common: Decorators
  readonly controllers: object[]
  /** Before it listens. */
  setUp: (nest: NestApplication) => void
  running?: NestApplication
  /** Adds a controller. */
  controller(name: string, options: unknown, actions: Record<string, Action>): App
}

export function nestFramework(library: Library, platform: 'express' | 'fastify'): Framework<App> {
  return {
    plugin: 'nestjs',
    platform: { plugin: platform, options: { middleware: false } },
    library,
    make() {
      const common = library.load<App['common']>('@nestjs/common')
      const app: App = {
        common,
        controllers: [],
        setUp: () => {},
        controller(name, options, actions) {
          app.controllers.push(controllerClass(common, name, options, actions))
          return app
        },
      }
      return app
    },
    async serve(app) {
      const { NestFactory } = library.load<{ NestFactory: { create(...args: unknown[]): Promise<NestApplication> } }>()
      class AppModule {}
      app.common['Module']!({ controllers: app.controllers })(AppModule)
      const adapter = library.load<Record<string, new () => object>>(`@nestjs/platform-${platform}`)
      const Adapter = adapter[platform === 'express' ? 'ExpressAdapter' : 'FastifyAdapter']!
      const nest = await NestFactory.create(AppModule, new Adapter(), { logger: false, abortOnError: false })
      app.setUp(nest)
      await nest.listen(0, '127.0.0.1')
      app.running = nest
      return (nest.getHttpServer().address() as AddressInfo).port
    },
    async close({ running }) {
      running?.getHttpServer().closeAllConnections()
      await running?.close()
    },
    patched: () =>
      [
        library.load<Record<string, { prototype: object }>>('@nestjs/core/router/router-execution-context'),
        library.load<Record<string, { prototype: object }>>('@nestjs/core/exceptions/exceptions-handler'),
      ].flatMap((exports) => Object.values(exports).map(({ prototype }) => prototype)),
  }
}

function controllerClass(
  common: Decorators,
  name: string,
  options: unknown,
  actions: Record<string, Action>,
): new () => object {
  const Class = { [name]: class {} }[name] as unknown as new () => Record<string, unknown>
  for (const [key, { route, params = [], also = [], run }] of Object.entries(actions)) {
    // Metadata belong to the function.
    const value = (...args: never[]) => run(...args)
    Object.defineProperty(Class.prototype, key, { value, writable: true, configurable: true })
    for (const [at, [decorator, ...args]] of params.entries()) common[decorator]!(...args)(Class.prototype, key, at)
    const [verb, ...path] = route
    for (const [decorator, ...args] of [...also, [verb, ...path]] as [string, ...unknown[]][]) {
      common[decorator]!(...args)(Class.prototype, key, Object.getOwnPropertyDescriptor(Class.prototype, key)!)
    }
  }
  common['Controller']!(options)(Class)
  return Class
}
