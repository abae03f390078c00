// The composition root, by its public names: which plugins are on after which arguments and environment, what is said of
// settings that do not fit, and that the tracer can be started, stopped and started again.

import { strict as assert } from 'node:assert'
import { channel } from 'node:diagnostics_channel'
import http from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { plugins } from '../plugins'
import * as dd from '../src'
import { type InitOptions, PatchError, type PluginSetting, patch, patchAll, tracer, unpatchAll } from '../src'
import { PackageFolder, removePackageFolders } from './plugin/package-folder'
import { type FakeAgent, find, startAgent } from './support/agent'
import { collectLog } from './support/log-lines'

type Methods = Record<string, () => unknown>

const { Client } = require('pg') as { Client: { prototype: Methods } }
const { application } = require('express') as { application: Methods }
const originals = { request: http.request, query: Client.prototype['query'], handle: application['handle'] }

/** By what one sees that a plugin is on. */
const isOn: Record<string, () => boolean> = {
  http: () => http.request !== originals.request,
  undici: () => channel('undici:request:create').hasSubscribers,
  express: () => application['handle'] !== originals.handle,
  pg: () => Client.prototype['query'] !== originals.query,
}
const namesOn = () => Object.keys(isOn).filter((name) => isOn[name]!())
const ALL = Object.keys(isOn)
const without = (...names: string[]) => ALL.filter((name) => !names.includes(name))

/** Runs `fn` with some variables in the environment. */
function withEnv(env: Record<string, string>, fn: () => void): void {
  const before = { ...process.env }
  Object.assign(process.env, env)
  try {
    fn()
  } finally {
    for (const name of Object.keys(env)) {
      if (before[name] === undefined) delete process.env[name]
      else process.env[name] = before[name]
    }
  }
}

describe('the tracer', () => {
  const lines = collectLog()
  /** All but what is said of libraries that these tests have loaded first. */
  const said = () => lines.filter((line) => !line.includes('was loaded before dd'))
  let agent: FakeAgent
  before(async () => {
    agent = await startAgent({ socketPath: join(tmpdir(), `dd-test-start-${process.pid}.sock`) })
  })
  beforeEach(() => agent.clear())
  afterEach(async () => {
    await tracer.shutdown()
    removePackageFolders()
    assert.deepEqual(namesOn(), [], 'everything is undone')
    assert.deepEqual(agent.violations, [])
  })
  after(() => agent.close())
  const init = (options: InitOptions = {}) => tracer.init({ agentUrl: agent.url, service: 'test', ...options })

  describe('patches', () => {
    type Case = [name: string, env: Record<string, string>, run: () => void, on: string[], said?: string]
    const all = (settings?: Record<string, unknown>) => () => patchAll(settings as Record<string, PluginSetting>)
    const some = (settings: Record<string, unknown>) => () => patch(settings as Record<string, PluginSetting>)
    const cases: Case[] = [
      ['everything', {}, all(), ALL],
      ['everything, given nothing', {}, all({}), ALL],
      ['everything, given null', {}, all(null as never), ALL],
      ['all but what is false', {}, all({ pg: false, http: false }), without('pg', 'http')],
      ['all but what is not enabled', {}, all({ pg: { enabled: false } }), without('pg')],
      ['what has options', {}, all({ pg: { service: 'db' }, http: { enabled: true } }), ALL],
      ['by default where a setting is undefined or null', {}, all({ pg: undefined, http: null }), ALL],
      ['nothing for 0 or an empty text', {}, all({ pg: 0, http: '' }), without('pg', 'http')],
      ['all but what its variable turns off', { DD_TRACE_PG_ENABLED: 'false' }, all(), without('pg')],
      ['what its variable turns on', { DD_TRACE_PG_ENABLED: '1' }, all(), ALL],
      ['all but those listed', { DD_TRACE_DISABLED_INSTRUMENTATIONS: 'pg, express' }, all(), without('pg', 'express')],
      ['all but those listed by the old name', { DD_TRACE_DISABLED_PLUGINS: 'pg' }, all(), without('pg')],
      [
        'what its variable turns on though it is listed',
        { DD_TRACE_DISABLED_INSTRUMENTATIONS: 'pg', DD_TRACE_PG_ENABLED: 'true' },
        all(),
        ALL,
      ],
      [
        'what an argument turns on, whatever the variable says',
        { DD_TRACE_PG_ENABLED: 'false' },
        all({ pg: true }),
        ALL,
      ],
      ['what has options, whatever the list says', { DD_TRACE_DISABLED_INSTRUMENTATIONS: 'pg' }, all({ pg: {} }), ALL],
      [
        'not what an argument turns off, whatever the variable says',
        { DD_TRACE_PG_ENABLED: 'true' },
        all({ pg: false }),
        without('pg'),
      ],
      [
        'as if a variable were not set that makes no sense',
        { DD_TRACE_PG_ENABLED: 'maybe' },
        all(),
        ALL,
        'DD_TRACE_PG_ENABLED has a value that is not a true or false; the default is used instead',
      ],
      [
        'all that it knows, and names what it does not',
        {},
        all({ postgress: true }),
        ALL,
        `there is no plugin postgress; there are: ${plugins.map(({ name }) => name).join(', ')}`,
      ],
      ['only what is named', {}, some({ pg: true, undici: {} }), ['undici', 'pg']],
      [
        'only what is named, whatever the environment says',
        { DD_TRACE_PG_ENABLED: 'false' },
        some({ pg: true }),
        ['pg'],
      ],
      ['nothing that is named false', {}, some({ pg: false, http: { enabled: false } }), []],
      [
        'what is named and there',
        {},
        some({ pg: true, reddis: true }),
        ['pg'],
        `there is no plugin reddis; there are: ${plugins.map(({ name }) => name).join(', ')}`,
      ],
      ['nothing while tracing is off', { DD_TRACE_ENABLED: 'false' }, all(), []],
      [
        'nothing that is named while tracing is off',
        { DD_TRACE_ENABLED: '0' },
        some({ pg: true, raiseErrors: true }),
        [],
      ],
    ]
    for (const [name, env, run, on, line] of cases) {
      it(name, () => {
        withEnv({ DD_TRACE_AGENT_URL: agent.url, ...env }, run)
        assert.deepEqual(namesOn(), on)
        assert.deepEqual(said(), line === undefined ? [] : [line])
      })
    }

    it('without those that the options of `init` list', () => {
      init({ disabledInstrumentations: ['http', 'pg'] })
      patchAll()
      assert.deepEqual(namesOn(), without('http', 'pg'))
    })

    it('more when asked again, and says a thing once', () => {
      init()
      patch({ pg: true })
      patch({ pg: true, http: true, nothing: true })
      patchAll({ undici: false, nothing: true })
      assert.deepEqual(namesOn(), without('undici'))
      assert.equal(said().length, 1)
    })

    it('parts of http, and gives it the settings that it was not given', async () => {
      init({ httpServerErrorStatuses: [[404, 404]] })
      patchAll({ http: { client: false, server: { service: 'front' } } })
      assert.equal(http.request, originals.request)
      const server = http.createServer((_request, response) => {
        // Restify, which may have been loaded, has a writeHead of its own on every response.
        response.statusCode = 404
        response.end()
      })
      server.listen(0)
      const { port } = server.address() as { port: number }
      await new Promise((resolve) =>
        http.get({ port, agent: false }, (response) => response.resume().on('end', resolve)),
      )
      await new Promise((resolve) => server.close(resolve))
      await tracer.flush()
      const span = find(agent.spans(), 'web.request')
      assert.deepEqual([span.service, span.error], ['front', 1])
      assert.equal(agent.spans().length, 1)
    })
  })

  describe('with raiseErrors', () => {
    const throws = (run: () => void, message: RegExp, plugin: string) =>
      assert.throws(run, (error) => {
        assert.ok(error instanceof PatchError)
        assert.match(error.message, message)
        assert.equal(error.plugin, plugin)
        return true
      })

    it('throws for a name that there is no plugin for, and patches the others', () => {
      init()
      throws(
        () => patch({ mysqll: true, pg: true, raiseErrors: true }),
        /^there is no plugin mysqll; there are: http/,
        'mysqll',
      )
      assert.deepEqual(namesOn(), ['pg'])
      assert.deepEqual(said(), [])
    })

    it('throws for a library that is loaded and cannot be patched, and patches the others', () => {
      init()
      new PackageFolder({
        'pg/package.json': { version: '7.18.2' },
        'pg/lib/client.js': 'module.exports = class Client { query() {} }',
      }).require('pg/lib/client.js')
      const run = () => patch({ pg: true, express: true, raiseErrors: true })
      throws(run, /^pg 7\.18\.2 is not supported \(only >=8\.0\.3 <9\); it is not traced$/, 'pg')
      assert.deepEqual(namesOn(), ['express', 'pg'])
      assert.deepEqual(said(), [])
    })

    it('does not throw when all is well, nor later', () => {
      init()
      patch({ pg: true, raiseErrors: true })
      new PackageFolder({
        'pg/package.json': { version: '8.11.0' },
        'pg/lib/client.js': 'module.exports = class Client {}',
      }).require('pg/lib/client.js')
      assert.deepEqual(said(), [
        'the pg plugin cannot patch pg/lib/client.js (TypeError: there is no method query); it is not traced',
      ])
    })

    it('is no plugin where it does not belong', () => {
      init()
      patchAll({ raiseErrors: true })
      assert.match(said().join(), /^there is no plugin raiseErrors;/)
    })
  })

  describe('starts', () => {
    it('with `patchAll` if not before, from the environment', async () => {
      assert.equal(tracer.isEnabled, false)
      withEnv({ DD_TRACE_AGENT_URL: agent.url, DD_SERVICE: 'from-env' }, () => patchAll())
      assert.equal(tracer.isEnabled, true)
      tracer.trace('work', () => {})
      await tracer.flush()
      assert.equal(find(agent.spans(), 'work').service, 'from-env')
    })

    it('once: a second `init` changes nothing and gives the same tracer', () => {
      assert.equal(init({ service: 'first' }), tracer)
      assert.equal(init({ service: 'second' }), tracer)
      assert.equal(tracer.service, 'first')
      assert.deepEqual(said(), [])
    })

    it('anew after `shutdown`, with other options', async () => {
      init({ service: 'first' })
      patchAll()
      const span = tracer.startSpan('begun before')
      await tracer.shutdown()
      await tracer.shutdown()
      assert.equal(tracer.isEnabled, false)
      assert.equal(tracer.startSpan('off').isFinished, false)
      assert.deepEqual(namesOn(), [])
      init({ service: 'second' })
      span.finish()
      tracer.trace('work', () => {})
      await tracer.flush()
      assert.equal(find(agent.spans(), 'work').service, 'second')
      assert.equal(agent.spans().length, 1, 'what ends after its tracer is lost')
      assert.deepEqual(namesOn(), [], 'plugins are chosen anew, too')
      patchAll()
      assert.deepEqual(namesOn(), ALL)
    })

    it('and never has a listener of the process that a program could count', async () => {
      const events = ['SIGTERM', 'SIGINT', 'beforeExit', 'exit', 'uncaughtException', 'unhandledRejection', 'warning']
      const counts = () => events.map((event) => process.listenerCount(event))
      const before = counts()
      for (let round = 0; round < 12; round++) {
        init()
        assert.deepEqual(counts(), before)
        await tracer.shutdown()
      }
      assert.deepEqual(counts(), before)
    })

    it('and goes on after `unpatchAll`, which undoes the patches only', async () => {
      init()
      patchAll()
      unpatchAll()
      assert.deepEqual(namesOn(), [])
      tracer.trace('work', () => {})
      await tracer.flush()
      assert.equal(agent.spans().length, 1)
      patchAll({ pg: false })
      assert.deepEqual(namesOn(), without('pg'))
    })

    it('with no trace at all when it is off', async () => {
      init({ enabled: false })
      const value = await tracer.trace('work', async (span) => {
        span.setTag('a', 1).finish()
        return tracer.activeSpan ?? 'none'
      })
      assert.equal(value, 'none')
      await tracer.flush()
      assert.equal(agent.requests.length, 0)
    })

    it('on a Unix socket', async () => {
      init({ agentUrl: agent.socketUrl! })
      tracer.trace('work', () => {})
      await tracer.flush()
      assert.equal(agent.spans().length, 1)
    })

    const odd: [name: string, options: unknown, line?: RegExp][] = [
      ['nothing', undefined],
      ['null', null],
      ['a number', 7],
      ['a text', '', undefined],
      ['an array', [], undefined],
      ['a function', () => {}, undefined],
      ['an unknown option', { sevrice: 'a' }, /^init\(\) knows no option sevrice; it is ignored$/],
      ['a service that is no text', { service: 7 }, /^option service has a value that is not a text;/],
      ['an empty service', { service: '' }, /^option service /],
      ['tags that are a list', { tags: ['a:b'] }, /^option tags has a value that is not a key:value pairs;/],
      ['a negative interval', { flushIntervalMs: -1 }, /^option flushIntervalMs .* 2000 is used instead$/],
      ['an interval without end', { flushIntervalMs: Number.POSITIVE_INFINITY }, /^option flushIntervalMs /],
      ['a port out of range', { agentPort: 65_536 }, /^option agentPort .* 8126 is used instead$/],
      ['a host with a path', { agentHost: 'host/path' }, /^option agentHost /],
      ['a scope that there is not', { scope: 'zone' }, /^option scope /],
      ['a pattern that is none', { queryStringObfuscation: '(' }, /^option queryStringObfuscation /],
      [
        'a URL that is none',
        { agentUrl: 'agent' },
        /^DD_TRACE_AGENT_URL must begin with http:\/\/, .*; http:\/\/127\.0\.0\.1:8126 is/,
      ],
      ['a URL of another protocol', { agentUrl: 'ftp://secret@agent' }, /^DD_TRACE_AGENT_URL must [^@]*$/],
      ['a URL without a host', { agentUrl: 'http://' }, /^DD_TRACE_AGENT_URL must begin/],
      [
        'a bad URL beside a good host',
        { agentUrl: '?', agentHost: '::1', agentPort: 9 },
        / http:\/\/\[::1\]:9 is used instead$/,
      ],
    ]
    for (const [name, options, line] of odd) {
      it(`in spite of ${name}`, () => {
        assert.equal(tracer.init(options as InitOptions), tracer)
        assert.equal(tracer.isEnabled, true)
        if (line === undefined) assert.deepEqual(said(), [])
        else {
          assert.equal(said().length, 1, said().join('\n'))
          assert.match(said()[0]!, line)
        }
      })
    }
  })

  it('is the same one for ES modules', async () => {
    const module = (await import(pathToFileURL(join(__dirname, '../src/index.mjs')).href)) as Record<string, unknown>
    assert.equal(module['default'], tracer)
    for (const [name, value] of Object.entries(dd)) assert.equal(module[name], value, name)
    assert.deepEqual(Object.keys(module).sort(), Object.keys(dd).sort())
  })
})
