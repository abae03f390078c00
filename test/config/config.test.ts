// What the settings become: `init()` beats the environment, which beats the default; what does not fit is named together with
// what is used in its place; nothing throws. The rules are run over every option of the table, so a new one is covered
// as soon as it is there.

import { strict as assert } from 'node:assert'
import { type InitOptions, readConfig } from '../../src/config/config'
import type { Option } from '../../src/config/option'
import { options } from '../../src/config/options'
import { nearestPackage } from '../../src/config/package-json'
import { pluginEnabledByEnv } from '../../src/config/plugin-variables'
import { collectLog } from '../support/log-lines'

type Name = keyof typeof options
type Config = ReturnType<typeof readConfig>

/** For each kind of option: one text and another value in code, both fitting, and a text that does not fit. */
const samples: [type: RegExp, text: string, fromText: unknown, inCode: unknown, bad: string | undefined][] = [
  [/^text$/, 'from-env', 'from-env', 'from-code', undefined],
  [/^host name or address$/, 'env.host', 'env.host', 'code.host', 'a b'],
  [/^true or false$/, '1', true, false, 'yes'],
  [/^whole number from/, '77', 77, 78, '-2'],
  [/^number from 0 to 1$/, '0.25', 0.25, 0.5, '1.5'],
  [/^JSON array$/, '[{"sample_rate":1}]', [{ sample_rate: 1 }], [{ sampleRate: 0 }], '{"sample_rate":1}'],
  [/^async_local_storage or cls-hooked$/, 'CLS-hooked', 'cls-hooked', 'async_local_storage', 'zones'],
  [/^0\.4 or 0\.5$/, '0.5', '0.5', '0.4', '1'],
  [/^continue or restart or ignore$/, 'Restart', 'restart', 'ignore', 'stop'],
  [/^debug or info/, 'ERROR', 'error', 'info', 'loud'],
  [/^list, comma separated$/, 'pg, http', ['pg', 'http'], ['express'], undefined],
  [/^key:value pairs$/, 'team:a region:b', { team: 'a', region: 'b' }, { team: 'c' }, undefined],
  [/^regular expression$/, 'a+', /a+/gi, /b+/gi, '('],
  [/^v0 or v1$/, 'V1', 'v1', 'v0', 'v2'],
  [/^disabled or service or full/, 'Full', 'full', 'service', 'on'],
  [/^redact or types or none$/, 'TYPES', 'types', 'none', 'hide'],
  [/^gRPC status codes and ranges$/, '2-4', [[2, 4]], [[16, 16]], '17'],
  [/^status codes and ranges$/, '500-510', [[500, 510]], [[400, 404]], 'all'],
]

function sampleOf(option: Option<unknown>): (typeof samples)[number] {
  const sample = samples.find(([type]) => type.test(option.type))
  assert.ok(sample, `samples has no row for options that are a ${option.type}`)
  return sample
}

const table = Object.entries(options) as [Name, Option<unknown>][]

describe('the settings', () => {
  const lines = collectLog()

  const settingOf = (name: Name, given: InitOptions, env: Record<string, string>): unknown =>
    readConfig(given, env)[name]

  for (const [name, option] of table) {
    const [, text, fromText, inCode, bad] = sampleOf(option)

    it(`take ${name} from init, else from ${option.env.join(' or ')}`, () => {
      const all = Object.fromEntries(option.env.map((variable) => [variable, text]))
      for (const variable of option.env) assert.deepEqual(settingOf(name, {}, { [variable]: text }), fromText)
      const expected = option.merge === undefined ? inCode : option.merge([inCode as object, fromText as object])
      assert.deepEqual(settingOf(name, { [name]: inCode }, all), expected)
      assert.deepEqual(lines, [])
    })

    it(`use the default of ${name} for an empty variable, and say nothing`, () => {
      if (
        option.type === 'regular expression' ||
        option.emptyCounts === true ||
        name === 'service' ||
        name === 'version'
      )
        return
      const empty = Object.fromEntries(option.env.map((variable) => [variable, '']))
      assert.deepEqual(settingOf(name, {}, empty), option.default)
      assert.deepEqual(lines, [])
    })

    it(`name a bad ${name}, its type and what is used instead`, () => {
      const wrong = Symbol('fits nothing')
      const expected = [option.env[0]!, `option ${name}`]
      if (bad === undefined) readConfig({}, { [option.env[0]!]: text })
      else readConfig({}, { [option.env[0]!]: bad })
      readConfig({ [name]: wrong } as unknown as InitOptions, {})
      const instead = option.default === undefined ? 'the default' : JSON.stringify(option.default)
      assert.deepEqual(
        lines,
        expected
          .slice(bad === undefined ? 1 : 0)
          .map((what) => `${what} has a value that is not a ${option.type}; ${instead} is used instead`),
      )
      assert.deepEqual(
        settingOf(name, { [name]: wrong } as unknown as InitOptions, { [option.env[0]!]: text }),
        fromText,
        'what is bad in code falls back on the environment',
      )
    })
  }

  it('prefer the first of several variables, and pass over a bad one', () => {
    const env = { DD_SERVICE: 'first', DD_SERVICE_NAME: 'second', OTEL_SERVICE_NAME: 'third' }
    assert.equal(readConfig({}, env).service, 'first')
    assert.equal(readConfig({}, { ...env, DD_SERVICE: '' }).service, 'second')
    assert.equal(readConfig({}, { OTEL_SERVICE_NAME: 'third' }).service, 'third')
    assert.equal(readConfig({}, { DD_TRACE_AGENT_PORT: 'x', DD_AGENT_PORT: '9000' }).agentPort, 9000)
    assert.deepEqual(lines, [
      'OTEL_SERVICE_NAME has no effect, because DD_SERVICE says something else',
      'DD_TRACE_AGENT_PORT has a value that is not a whole number from 1 to 65535; DD_AGENT_PORT is used instead',
    ])
  })

  it('add up the tags of all sources, the strongest last', () => {
    const env = {
      DD_TAGS: 'team:a,region:eu',
      DD_TRACE_GLOBAL_TAGS: 'team:b,tier:1',
      OTEL_RESOURCE_ATTRIBUTES: 'tier=2,zone=c%2Cd',
    }
    assert.deepEqual(readConfig({ tags: { region: 'us' } }, env).tags, {
      team: 'a',
      region: 'us',
      tier: '1',
      zone: 'c,d',
    })
  })

  it('say which is used where init and environment disagree', () => {
    readConfig(
      { service: 5 as never, queryStringObfuscation: 5 as never },
      {
        DD_SERVICE: 'shop',
        DD_TRACE_OBFUSCATION_QUERY_STRING_REGEXP: 'key',
      },
    )
    assert.deepEqual(lines, [
      'option service has a value that is not a text; DD_SERVICE is used instead',
      'option queryStringObfuscation has a value that is not a regular expression; DD_TRACE_OBFUSCATION_QUERY_STRING_REGEXP is used instead',
    ])
  })

  it('take an empty pattern for "redact nothing"', () => {
    const { queryStringObfuscation } = readConfig({}, { DD_TRACE_OBFUSCATION_QUERY_STRING_REGEXP: '' })
    assert.equal('token=secret'.replace(queryStringObfuscation!, '<redacted>'), 'token=secret')
    assert.equal(readConfig({}, {}).queryStringObfuscation, undefined)
  })

  it('warn of an option that does not exist, also if every object has one by that name', () => {
    const unknown = { servcie: 'typo', constructor: 'x' } as unknown as InitOptions
    readConfig(unknown, {})
    assert.deepEqual(lines, [
      'init() knows no option servcie; it is ignored',
      'init() knows no option constructor; it is ignored',
    ])
  })

  it('warn once, however often they are read', () => {
    for (let i = 0; i < 3; i++) readConfig({ nothing: 1 } as unknown as InitOptions, { DD_TRACE_DEBUG: 'maybe' })
    assert.equal(lines.length, 2)
  })

  it('throw at nothing that init may be given', () => {
    for (const given of [null, undefined, 'text', 5, [], () => {}]) {
      assert.equal(readConfig(given as never, {}).agentPort, 8126)
    }
  })

  it('keep numbers within what ports and timers can hold', () => {
    const rows: [name: Name, most: number][] = [
      ['agentPort', 65_535],
      ['flushIntervalMs', 2 ** 31 - 1],
      ['traceMaxAgeMs', 2 ** 31 - 1],
    ]
    for (const [name, most] of rows) {
      assert.equal(settingOf(name, { [name]: most }, {}), most)
      assert.equal(settingOf(name, { [name]: most + 1 }, {}), options[name].default)
    }
    assert.deepEqual(
      [settingOf('flushIntervalMs', { flushIntervalMs: 0 }, {}), settingOf('agentPort', { agentPort: 0 }, {})],
      [0, 8126],
    )
  })

  it('are typed by kind, not by default', () => {
    const given: InitOptions = { flushIntervalMs: 100, agentHost: 'agent', httpServerErrorStatuses: [[500, 503]] }
    const { flushIntervalMs, agentHost, httpServerErrorStatuses } = readConfig(given, {})
    assert.deepEqual({ flushIntervalMs, agentHost, httpServerErrorStatuses }, given)
  })

  describe('for service, env and version', () => {
    const names = ({ service, env, version, tags }: Config) => ({ service, env, version, tags })
    const rows: [title: string, given: InitOptions, env: Record<string, string>, expected: object][] = [
      [
        'come from DD_TAGS, which then holds the rest',
        {},
        { DD_TAGS: 'service:s,env:e,version:v,team:t' },
        { service: 's', env: 'e', version: 'v', tags: { team: 't' } },
      ],
      [
        'come from their own variables first',
        {},
        { DD_TAGS: 'service:s,env:e,version:v', DD_SERVICE: 'S', DD_ENV: 'E', DD_VERSION: 'V' },
        { service: 'S', env: 'E', version: 'V', tags: {} },
      ],
      [
        'come from tags given in code too',
        { tags: { service: 's', env: 'e', version: 'v' } },
        { DD_TAGS: 'team:t,env:other' },
        { service: 's', env: 'e', version: 'v', tags: { team: 't' } },
      ],
      [
        'have no version of a package.json that is about another service',
        { service: 'other' },
        { DD_TAGS: 'env:' },
        { service: 'other', env: undefined, version: undefined, tags: {} },
      ],
    ]
    for (const [title, given, env, expected] of rows) {
      it(title, () => assert.deepEqual(names(readConfig(given, env)), expected))
    }

    it('come from the nearest package.json where nobody names them', () => {
      const found = nearestPackage()
      const { service, version } = readConfig({}, {})
      assert.deepEqual({ name: service, version }, found ?? { name: 'node', version: undefined })
      assert.deepEqual(names(readConfig({}, { DD_VERSION: '9' })), { ...names(readConfig({}, {})), version: '9' })
      assert.equal(readConfig({ service }, {}).version, version, 'the version is that of the service by this name')
      assert.equal(readConfig({}, { DD_SERVICE: '' }).service, service)
    })
  })

  describe('of a plugin', () => {
    const rows: [plugin: string, env: Record<string, string>, enabled: boolean | undefined][] = [
      ['pg', {}, undefined],
      ['pg', { DD_TRACE_PG_ENABLED: '' }, undefined],
      ['pg', { DD_TRACE_PG_ENABLED: 'false' }, false],
      ['pg', { DD_TRACE_PG_ENABLED: '0' }, false],
      ['pg', { DD_TRACE_PG_ENABLED: 'TRUE' }, true],
      ['pg', { DD_TRACE_MYSQL_ENABLED: 'false' }, undefined],
      ['@elastic/elasticsearch', { DD_TRACE_ELASTIC_ELASTICSEARCH_ENABLED: 'false' }, false],
      ['cassandra-driver', { DD_TRACE_CASSANDRA_DRIVER_ENABLED: '1' }, true],
      ['mysql2', { DD_TRACE_MYSQL2_ENABLED: 'false' }, false],
    ]
    for (const [plugin, env, enabled] of rows) {
      it(`make ${plugin} ${enabled} by ${JSON.stringify(env)}`, () => {
        assert.equal(pluginEnabledByEnv(plugin, env), enabled)
        assert.deepEqual(lines, [])
      })
    }

    it('warn of a text that is neither true nor false', () => {
      assert.equal(pluginEnabledByEnv('pg', { DD_TRACE_PG_ENABLED: 'off' }), undefined)
      assert.deepEqual(lines, [
        'DD_TRACE_PG_ENABLED has a value that is not a true or false; the default is used instead',
      ])
    })
  })
})

describe("OpenTelemetry's variables", () => {
  const lines = collectLog()
  const rows: [env: Record<string, string>, expected: Partial<Config>][] = [
    [{ OTEL_SERVICE_NAME: 'shop' }, { service: 'shop' }],
    [{ OTEL_SERVICE_NAME: 'shop', OTEL_RESOURCE_ATTRIBUTES: 'service.name=other' }, { service: 'shop' }],
    [
      { OTEL_RESOURCE_ATTRIBUTES: 'service.name=shop, deployment.environment=prod,service.version=1.2,team=a%20b' },
      { service: 'shop', env: 'prod', version: '1.2', tags: { team: 'a b' } },
    ],
    [{ OTEL_RESOURCE_ATTRIBUTES: 'deployment.environment.name=prod,a=%' }, { env: 'prod', tags: { a: '%' } }],
    [{ OTEL_TRACES_EXPORTER: 'none' }, { enabled: false }],
    [{ OTEL_TRACES_EXPORTER: 'otlp' }, { enabled: true }],
    [{ OTEL_SDK_DISABLED: 'true' }, { enabled: false }],
    [{ OTEL_SDK_DISABLED: 'false' }, { enabled: true }],
    [{ OTEL_TRACES_SAMPLER: 'always_on' }, { sampleRate: 1 }],
    [{ OTEL_TRACES_SAMPLER: 'parentbased_always_off' }, { sampleRate: 0 }],
    [{ OTEL_TRACES_SAMPLER: 'traceidratio', OTEL_TRACES_SAMPLER_ARG: '0.25' }, { sampleRate: 0.25 }],
    [{ OTEL_TRACES_SAMPLER: 'parentbased_traceidratio' }, { sampleRate: 1 }],
    [{ OTEL_LOG_LEVEL: 'VERBOSE' }, { logLevel: 'debug' }],
    [{ OTEL_LOG_LEVEL: 'none' }, { logLevel: 'off' }],
    [
      { OTEL_PROPAGATORS: 'tracecontext, b3multi' },
      {
        propagationStyleExtract: ['tracecontext', 'b3multi'],
        propagationStyleInject: ['tracecontext', 'b3multi'],
      },
    ],
  ]
  for (const [env, expected] of rows) {
    it(`say ${JSON.stringify(env)}`, () => {
      const config = readConfig({}, env)
      for (const [name, value] of Object.entries(expected)) assert.deepEqual(config[name as Name], value, name)
      assert.deepEqual(lines, [])
    })
  }

  it('give way to Datadog\u2019s, which is said where the two disagree', () => {
    assert.equal(readConfig({}, { DD_SERVICE: 'a', OTEL_SERVICE_NAME: 'b' }).service, 'a')
    assert.equal(readConfig({ logLevel: 'warn' }, { OTEL_LOG_LEVEL: 'warn' }).logLevel, 'warn')
    assert.equal(readConfig({ enabled: true }, { OTEL_SDK_DISABLED: 'true' }).enabled, true)
    assert.deepEqual(lines, [
      'OTEL_SERVICE_NAME has no effect, because DD_SERVICE says something else',
      'OTEL_SDK_DISABLED has no effect, because option enabled says something else',
    ])
  })

  it('are named where their value is not understood', () => {
    const bad = {
      OTEL_TRACES_SAMPLER: 'jaeger_remote',
      OTEL_TRACES_EXPORTER: 'zipkin',
      OTEL_RESOURCE_ATTRIBUTES: 'nonsense',
      OTEL_LOG_LEVEL: 'loud',
    }
    readConfig({}, bad)
    for (const variable of Object.keys(bad)) assert.ok(lines.some((line) => line.startsWith(`${variable} has a value`)))
    assert.equal(lines.length, 4)
    assert.equal(
      readConfig({}, { OTEL_TRACES_SAMPLER: 'traceidratio', OTEL_TRACES_SAMPLER_ARG: '7' }).sampleRate,
      undefined,
    )
  })

  it('are named together where nobody reads them', () => {
    readConfig({}, { OTEL_BSP_SCHEDULE_DELAY: '5', OTEL_EXPORTER_OTLP_ENDPOINT: 'http://x', OTEL_EMPTY: '' })
    assert.deepEqual(lines, ['dd does not read OTEL_BSP_SCHEDULE_DELAY, OTEL_EXPORTER_OTLP_ENDPOINT'])
  })

  it('are not told where they say no more than where spans go anyway', () => {
    const given = { OTEL_EXPORTER_OTLP_ENDPOINT: 'http://x', OTEL_EXPORTER_OTLP_PROTOCOL: 'http/protobuf' }
    readConfig({}, { ...given, DD_TRACE_AGENT_URL: 'http://x' })
    assert.deepEqual(lines, [])
    readConfig({}, { ...given, DD_TRACE_AGENT_URL: 'http://y' })
    assert.deepEqual(lines, ['dd does not read OTEL_EXPORTER_OTLP_ENDPOINT, OTEL_EXPORTER_OTLP_PROTOCOL'])
  })
})

describe('the table of settings', () => {
  it('gives every option a variable of its own and a sentence', () => {
    const variables = table.flatMap(([, { env, otel }]) => [...env, ...Object.keys(otel)])
    const shared = new Set(['DD_TRACE_PROPAGATION_STYLE', 'OTEL_PROPAGATORS'])
    const own = variables.filter((variable) => !shared.has(variable))
    assert.equal(new Set(own).size, own.length)
    for (const variable of variables)
      assert.match(variable, /^(?:(?:DD|DATADOG|OTEL)_[A-Z0-9_]+|HTTPS_PROXY|https_proxy|NO_PROXY|no_proxy)$/)
    for (const [name, { env, doc }] of table) {
      assert.ok(env.length > 0, name)
      assert.match(doc, /[.…]$/, `the doc of ${name} is not a sentence`)
    }
  })

  it('has defaults that would be accepted if they were given', () => {
    for (const [name, option] of table) {
      if (option.default !== undefined) assert.deepEqual(option.check(option.default), option.default, name)
    }
  })
})
