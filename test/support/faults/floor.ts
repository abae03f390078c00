// The functions of `dd` that are not made to fail at their beginning, because nothing can stand before them: each is a few lines, and
// what it calls is guarded, which the faults in all other functions show. `instrument.ts` knows more of them by their shape: those
// that hand on the call in whose place they stand, and those that only call a guard.

/** By the reason: the file, and the functions in it. */
export const FLOOR: Readonly<Record<string, Readonly<Record<string, readonly string[]>>>> = {
  'a guard, or what a guard asks or says': {
    'src/base/clock.ts': ['loaded', 'monotonicMs'],
    'src/base/log.ts': ['Log.once', 'Log.#say', 'Log.#write', 'kindOf'],
    'src/base/quietly.ts': ['quietly', 'quietly.say'],
    'src/plugin/guard.ts': ['Guard.report'],
    'src/plugin/patcher.ts': [
      'Patcher.guardedEnd',
      'Patcher.tracing.begin',
      'Patcher.#scope',
      'Patcher.bindEvents.2.1',
    ],
    'src/plugin/channels.ts': ['listen.2.listener'],
    'src/export/agent-client.ts': ['AgentClient.#replyTo.2.on.2'],
    'src/export/agent-exporter.ts': [
      'AgentExporter.#sendMuted',
      'AgentExporter.#sendNext.2',
      'AgentExporter.#afterSending',
    ],
  },
  'it sets or clears a timer or a listener of Node, and no more': {
    'src/base/flush-on-exit.ts': [
      'watch.keepBack.2',
      'watch.keepBack.3',
      'watch.keepBack.3.1',
      'watch.emitSignal.die',
      'disarm',
      'nothing',
    ],
  },
  'it sets a few fields, and no more': {
    'src/base/linked-list.ts': ['LinkedList.add', 'LinkedList.has'],
  },
  'every call of a library passes through: whether there is tracing, and in what context': {
    'src/base/hidden-field.ts': ['hiddenField.Field.get'],
    'src/trace/tracer.ts': ['Tracer.scopeOrNothing'],
    'src/trace/scope/async-local-scope.ts': ['AsyncLocalScope.active'],
  },
  'a call has ended: on the way to Call.end, which guards': {
    'src/plugin/completion.ts': [
      'Call.follow',
      'Call.follow.2',
      'Call.end',
      'Call.hear',
      'Call.#endBy',
      'Call.#watchEmitter.ended',
      'Call.#watchEmitter.failed',
    ],
    'src/plugin/watched-methods.ts': ['tell'],
    'src/base/settle.ts': ['whenSettled.2', 'whenSettled.3'],
  },
  'the program calls it by itself': {
    'src/start.ts': [
      'DatadogTracer.init',
      'DatadogTracer.patch',
      'DatadogTracer.shutdown',
      'DatadogTracer.unpatchAll',
      'get',
      'patchAll',
      'unpatchAll',
    ],
    'src/plugin/node-hooks.ts': ['isHooksThread'],
    'src/trace/tracer.ts': ['Tracer.flush', 'Tracer.isEnabled', 'Tracer.shutdown', 'Tracer.startSpan'],
    'src/trace/span.ts': ['Span.addEvent', 'Span.addLink'],
  },
  'it stands in for a property, a function or a listener of the program or the library': {
    'src/base/flush-on-exit.ts': ['watch.emit'],
    'src/plugin/module-hook.ts': ['whenComplete.get', 'whenComplete.set'],
    'plugins/grpc/client.ts': [
      'listenIn.2',
      'listenIn.onReceiveMetadata',
      'listenIn.onReceiveMetadata.2',
      'listenIn.onReceiveMessage',
      'listenIn.onReceiveMessage.2',
      'listenIn.onReceiveStatus',
      'listenIn.onReceiveStatus.2',
    ],
    'plugins/hono/route.ts': ['noteRoute.enterHandler.2.1'],
    'plugins/list-view.ts': ['viewOf.get', 'standInFor.get'],
    'plugins/memcached.ts': ['startOf.2'],
    'plugins/nats/consuming.ts': ['watch.2.1'],
    'plugins/nats/publishing.ts': ['carry.headers.encode'],
    'plugins/postgres/index.ts': ['noteRoutes.noting.2.1', 'traceQueries.2.handle.2'],
    'plugins/postgres/settling.ts': ['Watch.renew.2', 'Watch.renew.3'],
  },
}

/** They are for what cannot be read or written, and take it for absent: their fault is said nowhere. */
export const SILENT: readonly string[] = ['src/config/package-json.ts isWord', 'src/export/span-json.ts json.2']
