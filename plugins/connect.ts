// Connect 3: names the request's span, with what the answering middleware is mounted at, and makes a span for each middleware.
//
// An application is a function with methods copied onto it, so each is patched when it is made. The list of what it uses stays as
// it is: its `handle` runs on a view of it, in which each function is traced.

import type { IncomingMessage } from 'node:http'
import { type AnyFunction, definePlugin, mimic, nameWebRequest, type Patcher, webRequestOf } from '../src/plugin'
import { type Layer, type LayerOptions, LayerTracer } from './layers/layer-tracer'
import { standInFor } from './list-view'

interface Application {
  handle: AnyFunction
  readonly stack: Used[]
}

/** What was given to `use`. */
interface Used {
  readonly route: string
  readonly handle: AnyFunction
}

function traceApplications(createServer: AnyFunction, patcher: Patcher<LayerOptions>): AnyFunction {
  const tracer = new LayerTracer(patcher)
  const traced = new WeakMap<Used, Used>()

  function trace(used: Used): Used {
    const known = traced.get(used)
    if (known !== undefined) return known
    const { route, handle } = used
    const isForErrors = handle.length > 3
    const layer: Layer = { name: handle.name, handle, rawPath: route || undefined }
    const wrapper = {
      handle(this: unknown, ...args: unknown[]) {
        try {
          return tracer.through(layer, handle, this === entry ? used : this, args, isForErrors ? 1 : 0)
        } catch (error) {
          // Connect would go on by itself, and not by the `next` that tells the end of the layer.
          return (args.at(-1) as AnyFunction)(error)
        }
      },
    }.handle
    const entry = { route, handle: mimic(wrapper, handle) }
    traced.set(used, entry)
    return entry
  }

  function patchApplication(application: Application): void {
    const { handle } = application
    const view = standInFor(application, 'stack', (used) => patcher.guarded('stack', () => trace(used)) ?? used)
    const wrapper = {
      handle(this: Application, ...args: unknown[]) {
        const self = patcher.guarded('handle', () => {
          const web = webRequestOf(args[0] as IncomingMessage)
          if (web === undefined) return this
          nameWebRequest(web, patcher, application)
          return this === application ? view : this
        })
        return Reflect.apply(handle, self ?? this, args)
      },
    }.handle
    // There is no undoing it, and no need: off, it only passes the call on.
    application.handle = mimic(wrapper, handle)
  }

  return mimic(function createTracedServer(this: unknown, ...args: unknown[]) {
    const application = Reflect.apply(createServer, this, args) as Application
    patcher.guarded('createServer', () => patchApplication(application))
    return application
  }, createServer)
}

export default definePlugin({
  name: 'connect',
  hooks: [{ module: 'connect', versions: '>=3 <4', patch: traceApplications }],
})
