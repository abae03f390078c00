// The dns plugin: every way to ask for names looks the same with and without it, and gives one span.

import { strict as assert } from 'node:assert'
import dns from 'node:dns'
import { tracer } from '../../src'
import { describeWith, dnsmasq } from '../services'
import { find } from '../support/agent'
import { type CallStyle, describeCallStyles } from '../support/call-styles'
import { Tracing } from '../support/tracing'

interface Subject {
  readonly resolver: dns.Resolver
  readonly promised: dns.promises.Resolver
}

interface Row extends CallStyle<Subject> {
  /** Name and resource of the span; none: the call fails before it asks. */
  readonly span?: readonly [name: string, resource: string]
  readonly failed?: boolean
  readonly tags?: Record<string, unknown>
}

const [NAME, GONE] = ['red.dd.test', 'gone.dd.test']
const done = (probe: Parameters<Row['run']>[1]) => probe.callback() as never

const rows: Row[] = [
  {
    name: 'lookup and a callback',
    run: (_, probe) => dns.lookup('localhost', done(probe)),
    span: ['dns.lookup', 'localhost'],
    tags: { 'dns.hostname': 'localhost' },
  },
  {
    name: 'lookup of a family',
    run: (_, probe) => dns.lookup('127.0.0.1', 4, done(probe)),
    span: ['dns.lookup', '127.0.0.1'],
    tags: { 'dns.address': '127.0.0.1' },
  },
  {
    name: 'lookup of all',
    run: (_, probe) => dns.lookup('127.0.0.1', { all: true }, done(probe)),
    span: ['dns.lookup', '127.0.0.1'],
    tags: { 'dns.address': '127.0.0.1', 'dns.addresses': undefined },
  },
  {
    name: 'lookup, as a promise',
    run: () => dns.promises.lookup('127.0.0.1'),
    span: ['dns.lookup', '127.0.0.1'],
    tags: { 'dns.address': '127.0.0.1' },
  },
  {
    name: 'lookup without a callback',
    run: () => (dns.lookup as unknown as (name: string) => void)('localhost'),
    span: ['dns.lookup', 'localhost'],
    failed: true,
  },
  {
    name: 'lookupService',
    run: (_, probe) => dns.lookupService('127.0.0.1', 80, done(probe)),
    span: ['dns.lookup_service', '127.0.0.1:80'],
    tags: { 'dns.address': '127.0.0.1', 'dns.port': 80 },
  },
  {
    name: 'lookupService of no address',
    run: (_, probe) => dns.lookupService('nowhere', 80, done(probe)),
    span: ['dns.lookup_service', 'nowhere:80'],
    failed: true,
  },
  {
    name: 'resolve',
    run: ({ resolver }, probe) => void resolver.resolve(NAME, done(probe)),
    span: ['dns.resolve', `A ${NAME}`],
    tags: { 'dns.hostname': NAME, 'dns.rrtype': 'A' },
  },
  {
    name: 'resolve of a type',
    run: ({ resolver }, probe) => void resolver.resolve('dd.test', 'MX', done(probe)),
    span: ['dns.resolve', 'MX dd.test'],
    tags: { 'dns.rrtype': 'MX' },
  },
  {
    name: 'resolve4',
    run: ({ resolver }, probe) => void resolver.resolve4(NAME, done(probe)),
    span: ['dns.resolve', `A ${NAME}`],
  },
  {
    name: 'resolve6',
    run: ({ resolver }, probe) => void resolver.resolve6(NAME, done(probe)),
    span: ['dns.resolve', `AAAA ${NAME}`],
  },
  {
    name: 'resolveTxt',
    run: ({ resolver }, probe) => void resolver.resolveTxt('dd.test', done(probe)),
    span: ['dns.resolve', 'TXT dd.test'],
  },
  {
    name: 'resolveSrv, as a promise',
    run: ({ promised }) => promised.resolveSrv('_web._tcp.dd.test'),
    span: ['dns.resolve', 'SRV _web._tcp.dd.test'],
  },
  { name: 'resolve, as a promise', run: ({ promised }) => promised.resolve(NAME), span: ['dns.resolve', `A ${NAME}`] },
  {
    name: 'reverse',
    run: ({ resolver }, probe) => void resolver.reverse('10.1.2.3', done(probe)),
    span: ['dns.reverse', '10.1.2.3'],
    tags: { 'dns.ip': '10.1.2.3' },
  },
  {
    name: 'reverse, as a promise',
    run: ({ promised }) => promised.reverse('10.1.2.3'),
    span: ['dns.reverse', '10.1.2.3'],
  },
  {
    name: 'an error to a callback',
    run: ({ resolver }, probe) => void resolver.resolve4(GONE, done(probe)),
    span: ['dns.resolve', `A ${GONE}`],
    failed: true,
  },
  {
    name: 'an error to a promise',
    run: ({ promised }) => promised.resolve4(GONE),
    span: ['dns.resolve', `A ${GONE}`],
    failed: true,
  },
  {
    name: 'an error that nobody handles',
    run({ promised }, probe) {
      void promised.resolve4(GONE)
      return probe.unhandled()
    },
    span: ['dns.resolve', `A ${GONE}`],
    failed: true,
  },
  {
    name: 'a type that there is not',
    run: ({ resolver }) => resolver.resolve(NAME, 'XX' as 'A', () => {}),
    span: ['dns.resolve', `XX ${NAME}`],
    failed: true,
  },
]

describeWith(dnsmasq, 'dns', (server) => {
  let tracing: Tracing
  const open = (): Subject => {
    const subject = { resolver: new dns.Resolver(), promised: new dns.promises.Resolver() }
    for (const one of Object.values(subject)) one.setServers([new URL(server().url).host])
    return subject
  }

  describeCallStyles<Subject, Row>('asked for by', rows, {
    without: { open },
    with: {
      before: async () => {
        tracing = await Tracing.start({ dns: true })
      },
      open: () => {
        tracing.clear()
        return open()
      },
      async check({ span: expected, failed = false, tags = {} }) {
        const spans = await tracing.spans()
        assert.deepEqual(
          spans.map(({ name, resource, error }) => [name, resource, error]),
          [[...expected!, failed ? 1 : 0]],
        )
        const [span] = spans
        assert.equal(span?.meta['component'], 'dns')
        assert.equal(span?.meta['span.kind'], 'client')
        assert.equal(span?.service, 'test')
        for (const [tag, value] of Object.entries(tags)) assert.equal(span?.meta[tag] ?? span?.metrics[tag], value, tag)
      },
      after: () => tracing.stop(),
    },
  })

  it('traces the functions of the module too, also after it was given other servers', async () => {
    const before = dns.getServers()
    tracing = await Tracing.start({ dns: true })
    try {
      dns.setServers([new URL(server().url).host])
      const seen = await tracer.trace(
        'request',
        (span) => new Promise((resolve) => dns.resolve4(NAME, (error) => resolve([error, tracer.activeSpan === span]))),
      )
      assert.deepEqual(seen, [null, true])
      const spans = await tracing.spans()
      assert.equal(find(spans, 'dns.resolve').parent_id, find(spans, 'request').span_id)
    } finally {
      dns.setServers(before)
      await tracing.stop()
    }
  })
})

it('dns names several addresses', async () => {
  const tracing = await Tracing.start({ dns: true })
  const addresses = await dns.promises.lookup('localhost', { all: true })
  const span = find(await tracing.spans(), 'dns.lookup')
  assert.equal(span.meta['dns.address'], addresses[0]?.address)
  assert.equal(
    span.meta['dns.addresses'],
    addresses.length > 1 ? addresses.map(({ address }) => address).join() : undefined,
  )
  await tracing.stop()
})
