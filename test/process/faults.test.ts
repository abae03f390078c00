// Whatever fails inside `dd`, the program does not notice: each function of `dd` that a program reaches is made to fail in turn, by an
// Error, by a thrown null, and what describes a call by returning garbage. What came of the program's calls, and of its uncaught
// exceptions and unhandled rejections, is as without `dd`; the fault is said, once; spans of other plugins come, with their parents.

import { strict as assert } from 'node:assert'
import { isBuiltin } from 'node:module'
import { plugins } from '../../plugins'
import { describeWith, mariadb, memcached, mongo, nats, postgres, rabbitmq, redis, type Service } from '../services'
import * as core from '../support/faults/core-tasks'
import type { Failing } from '../support/faults/fault'
import type { Place } from '../support/faults/instrument'
import * as local from '../support/faults/local-tasks'
import { type FaultRun, faultyTree, PARSER, runFaults } from '../support/faults/run-faults'
import * as store from '../support/faults/store-tasks'
import * as web from '../support/faults/web-tasks'
import { describePackages } from '../support/library'
import type { PackageSet } from '../support/npm-packages'

const TIMEOUT_MS = 300_000

/** What the runtime asks a plugin, by the names of the contract. */
const CALLBACKS = /(?:^|\.)(?:start|before|finish|progress|key|isError|pinOn)$/

const isOfPlugins = ({ file }: Place) => file.startsWith('plugins/')

/** The plugins that a program is about; those of web libraries are all others. */
const PLUGINS = {
  local:
    /^plugins\/(?:better-sqlite3|bunyan|cache-|child-process|dns|fs|generic-pool|json-lines|keyv|log-record|net|node-sqlite|pino|sqlite|winston)/,
  postgres: /^plugins\/(?:pg|postgres)/,
  mariadb: /^plugins\/(?:mysql|mariadb|sql-connection)/,
  redis: /^plugins\/(?:redis|ioredis|bullmq)/,
  mongo: /^plugins\/mongo/,
  memcached: /^plugins\/mem/,
  nats: /^plugins\/nats/,
  rabbitmq: /^plugins\/amqplib/,
}
const isOf =
  (pattern: RegExp) =>
  ({ file }: Place) =>
    pattern.test(file)
const isOfWeb = (place: Place) =>
  isOfPlugins(place) && !Object.values(PLUGINS).some((pattern) => pattern.test(place.file))

/** What the parts of `dd` do with more than their defaults. */
const SETTINGS = {
  DD_TRACE_FLUSH_INTERVAL: '5',
  DD_TRACE_MAX_AGE: '10',
  DD_TRACE_PROPAGATION_STYLE: 'datadog,tracecontext,b3,b3multi,baggage',
  DD_TRACE_SAMPLING_RULES: '[{"service":"shop","resource":"GET*","tags":{"http.method":"G*"},"sample_rate":0.9}]',
  DD_SPAN_SAMPLING_RULES: '[{"name":"http.*","sample_rate":1,"max_per_second":50}]',
  DD_TRACE_STARTUP_LOGS: 'true',
  DD_TRACE_HEADER_TAGS: 'x-shop:shop',
  DD_TRACE_CLIENT_IP_ENABLED: 'true',
  DD_TRACE_RESOURCE_RENAMING_ENABLED: 'true',
  DD_TRACE_PEER_SERVICE_DEFAULTS_ENABLED: 'true',
}

/** Plugins whose libraries have no task here, with the reason. */
const WITHOUT_TASK: Readonly<Record<string, string>> = {
  'cassandra-driver': 'a server of its own takes a minute to start; what it shares with others fails there',
  elasticsearch: 'as cassandra-driver',
  opensearch: 'as cassandra-driver',
  kafkajs: 'as cassandra-driver',
  tedious: 'there is no server for it',
  restify: 'what it depends on warns on newer Nodes',
}

async function run(set: PackageSet, wanted: Omit<Parameters<typeof runFaults>[1], 'set'>): Promise<FaultRun> {
  const tree = faultyTree(set)
  try {
    return await runFaults(tree, { ...wanted, set })
  } finally {
    tree.remove()
  }
}

/** Errors everywhere; null and garbage only in what is asked by the runtime, or there would be no end. */
const waysOf = ({ name }: Place): Failing[] => (CALLBACKS.test(name) ? ['error', 'null', 'garbage'] : ['error'])

describe('a fault in dd', () => {
  describePackages('faults core', { ...core.PACKAGES, ...PARSER }, undefined, (set) => {
    it('at its start, on its timers, in its exporter', async function () {
      this.timeout(TIMEOUT_MS)
      const picks = (place: Place) => !isOfPlugins(place)
      const { wrong, failed } = await run(set, { tasks: 'core', picks, env: SETTINGS, parts: 2 })
      assert.deepEqual(wrong, [])
      assert.ok(failed.length > 400, `only ${failed.length} functions have failed`)
    })
  })

  describePackages('faults web', { ...web.PACKAGES, ...PARSER }, undefined, (set) => {
    it('in a plugin of a web library', async function () {
      this.timeout(TIMEOUT_MS)
      const { wrong, failed } = await run(set, { tasks: 'web', picks: isOfWeb, hows: waysOf, parts: 2 })
      assert.deepEqual(wrong, [])
      assert.ok(failed.length > 150, `only ${failed.length} functions have failed`)
    })
  })

  describePackages('faults local', { ...local.PACKAGES, ...PARSER }, local.BUILDS, (set) => {
    it('in a plugin of a library without a server, or of a module of Node', async function () {
      this.timeout(TIMEOUT_MS)
      const { wrong, failed } = await run(set, { tasks: 'local', picks: isOf(PLUGINS.local), hows: waysOf, parts: 2 })
      assert.deepEqual(wrong, [])
      assert.ok(failed.length > 60, `only ${failed.length} functions have failed`)
    })
  })

  const services = { postgres, mariadb, redis, mongo, memcached, nats, rabbitmq } satisfies Record<string, Service>
  describePackages('faults store', { ...store.PACKAGES, ...PARSER }, undefined, (set) => {
    for (const name of Object.keys(services) as (keyof typeof services)[]) {
      const service = services[name]
      describeWith(service, `in a plugin for ${service.name}`, (server) => {
        it('is not seen', async function () {
          this.timeout(TIMEOUT_MS)
          const env = { SERVICES: JSON.stringify({ [name]: server().url }) }
          const { wrong, failed } = await run(set, { tasks: 'store', picks: isOf(PLUGINS[name]), hows: waysOf, env })
          assert.deepEqual(wrong, [])
          assert.ok(failed.length > 5, `only ${failed.length} functions have failed`)
        })
      })
    }
  })

  it('in any plugin there is: each has a task', () => {
    const libraries = new Set(Object.keys({ ...web.PACKAGES, ...local.PACKAGES, ...store.PACKAGES, ...core.PACKAGES }))
    const missing = plugins.filter(
      ({ modules }) => !modules.some((name) => libraries.has(name) || isBuiltin(name) || name.startsWith('node:')),
    )
    assert.deepEqual(missing.map(({ name }) => name).sort(), Object.keys(WITHOUT_TASK).sort())
  })
})
