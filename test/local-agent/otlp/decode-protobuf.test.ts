// Any body of OTLP decodes to what it was, from JSON and from Protobuf as others encode it: with the definitions that OpenTelemetry publishes, in
// the copy that dd-trace brings, by protobufjs.

import assert from 'node:assert/strict'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import fc from 'fast-check'
import { decodeProtobuf, MAX_DEPTH, MAX_VALUES } from '../../../src/local-agent/otlp/decode-protobuf'
import { LOGS_REQUEST, METRICS_REQUEST, type Message, TRACES_REQUEST } from '../../../src/local-agent/otlp/otlp-schema'
import { Refusal } from '../../../src/local-agent/refusal'
import { needsPeers, peersFrom } from '../../support/peers'
import { encodeOtlp } from './encode-otlp'

type Body = Record<string, unknown>
interface PublishedType {
  encode(message: object): { finish(): Uint8Array }
  fromObject(body: object): object
}

const SERVICES = [
  ['trace', 'Trace', TRACES_REQUEST],
  ['metrics', 'Metrics', METRICS_REQUEST],
  ['logs', 'Logs', LOGS_REQUEST],
] as const

const scalars = {
  string: fc.string({ unit: 'grapheme', maxLength: 30 }),
  bool: fc.boolean(),
  id: fc.uint8Array({ minLength: 1, maxLength: 20 }).map((bytes) => Buffer.from(bytes).toString('hex')),
  bytes: fc.uint8Array({ minLength: 1, maxLength: 20 }).map((bytes) => Buffer.from(bytes).toString('base64')),
  uint32: fc.nat(),
  int32: fc.integer({ min: 0, max: 30 }),
  sint32: fc.integer(),
  fixed32: fc.nat(),
  int64: fc.bigInt({ min: -(1n << 63n), max: (1n << 63n) - 1n }),
  uint64: fc.bigInt({ min: 0n, max: (1n << 64n) - 1n }),
  fixed64: fc.bigInt({ min: 0n, max: (1n << 64n) - 1n }),
  sfixed64: fc.bigInt({ min: -(1n << 63n), max: (1n << 63n) - 1n }),
  double: fc.double({ noNaN: true }).filter((number) => !Object.is(number, -0)),
}

/** Any message; of those that hold one of several values, one. */
function anyMessage(schema: Message, depth: number): fc.Arbitrary<Body> {
  const fields = [...schema.values()].filter(({ kind }) => typeof kind !== 'function' || depth > 0)
  const anyValue = ({ kind, isRepeated }: (typeof fields)[number]) => {
    const one: fc.Arbitrary<unknown> = typeof kind === 'function' ? anyMessage(kind(), depth - 1) : scalars[kind]
    return isRepeated ? fc.array(one, { minLength: 1, maxLength: 2 }) : one
  }
  const isChoice = fields.some(({ name }) => ['stringValue', 'asInt', 'gauge'].includes(name))
  if (isChoice) return fc.oneof(...fields.map((field) => anyValue(field).map((value) => ({ [field.name]: value }))))
  const record = Object.fromEntries(fields.map((field) => [field.name, anyValue(field)]))
  return fc.record(record, { requiredKeys: [], noNullPrototype: true }) as fc.Arbitrary<Body>
}

describe('local agent, Protobuf of OTLP', () => {
  const run = (check: (schema: Message, body: Body) => void) => {
    for (const [, , schema] of SERVICES) {
      fc.assert(
        fc.property(anyMessage(schema, 9), (body) => check(schema, body)),
        { numRuns: 300 },
      )
    }
  }

  it('decodes any body to what it was', () => {
    run((schema, body) => assert.deepEqual(decodeProtobuf(encodeOtlp(body, schema), schema), body))
  })

  it('decodes any body that others encode by the published definitions', async function () {
    await needsPeers(this)
    const peers = createRequire(peersFrom)
    const folder = join(
      dirname(peers.resolve('dd-trace/package.json')),
      'packages',
      'dd-trace',
      'src',
      'opentelemetry',
      'otlp',
    )
    for (const [name, title, schema] of SERVICES) {
      const { Root, util } = peers('protobufjs') as {
        Root: new () => { resolvePath: unknown; loadSync(file: string): { lookupType(name: string): PublishedType } }
        util: { Long: { fromString(text: string, unsigned: boolean): object } }
      }
      const root = new Root()
      root.resolvePath = (_origin: string, target: string) => join(folder, target.split('/').at(-1)!)
      const service = root.loadSync(join(folder, `${name}_service.proto`))
      const type = service.lookupType(`opentelemetry.proto.collector.${name}.v1.Export${title}ServiceRequest`)
      const published = (value: unknown, schemaOf: Message | undefined, key?: string): unknown => {
        if (typeof value === 'bigint') return util.Long.fromString(String(value), value >= 0n)
        if (Array.isArray(value)) return value.map((item) => published(item, schemaOf, key))
        const field = [...(schemaOf?.values() ?? [])].find((one) => one.name === key)
        if (typeof value === 'string' && field?.kind === 'id') return Buffer.from(value, 'hex')
        if (typeof value === 'string' && field?.kind === 'bytes') return Buffer.from(value, 'base64')
        if (typeof value !== 'object' || value === null) return value
        const inner = typeof field?.kind === 'function' ? field.kind() : schemaOf
        return Object.fromEntries(Object.entries(value).map(([name, item]) => [name, published(item, inner, name)]))
      }
      fc.assert(
        fc.property(anyMessage(schema, 9), (body) => {
          const bytes = type.encode(type.fromObject(published(body, schema) as object)).finish()
          assert.deepEqual(withoutDefaults(decodeProtobuf(bytes, schema)), withoutDefaults(body))
        }),
        { numRuns: 300 },
      )
    }
  })

  it('reads lists of numbers packed and one by one', () => {
    const point = { bucketCounts: [1n, 300n, 0n], explicitBounds: [0.5, 2] }
    const body = { resourceMetrics: [{ scopeMetrics: [{ metrics: [{ histogram: { dataPoints: [point] } }] }] }] }
    assert.deepEqual(decodeProtobuf(encodeOtlp(body, METRICS_REQUEST), METRICS_REQUEST), body)
    const packed = Buffer.from([0x12, 4, 1, 0xac, 2, 0])
    const buckets = new Map([[2, { name: 'bucketCounts', kind: 'uint64' as const, isRepeated: true }]])
    assert.deepEqual(decodeProtobuf(packed, buckets), { bucketCounts: [1n, 300n, 0n] })
  })

  it('steps over fields that it does not know, of every kind', () => {
    const unknown = [0xf8, 0x07, 1, 0xf9, 0x07, ...Array(8).fill(0), 0xfa, 0x07, 2, 1, 2, 0xfd, 0x07, 0, 0, 0, 0]
    const name = Buffer.from([0x0a, 1, 0x61])
    const schema = new Map([[1, { name: 'name', kind: 'string' as const, isRepeated: false }]])
    assert.deepEqual(decodeProtobuf(Buffer.concat([Buffer.from(unknown), name]), schema), { name: 'a' })
  })

  it('refuses messages that are nested too deep, both sides', () => {
    const value = (levels: number): Body =>
      levels === 0 ? { intValue: 1n } : { arrayValue: { values: [value(levels - 1)] } }
    const body = (levels: number) => ({ resourceLogs: [{ scopeLogs: [{ logRecords: [{ body: value(levels) }] }] }] })
    // Four messages around the value, two for each level.
    const deepest = (MAX_DEPTH - 4) / 2
    assert.ok(decodeProtobuf(encodeOtlp(body(deepest), LOGS_REQUEST), LOGS_REQUEST))
    assert.throws(() => decodeProtobuf(encodeOtlp(body(deepest + 1), LOGS_REQUEST), LOGS_REQUEST), /more than 40 deep/)
  })

  it('refuses more values than a body may have, both sides, without the memory for them', () => {
    const empty = (count: number) => Buffer.alloc(count * 2, Buffer.from([0x0a, 0]))
    assert.equal((decodeProtobuf(empty(MAX_VALUES), TRACES_REQUEST)['resourceSpans'] as unknown[]).length, MAX_VALUES)
    assert.throws(() => decodeProtobuf(empty(MAX_VALUES + 1), TRACES_REQUEST), /more than 2000000 values/)
  })

  it('refuses what is no Protobuf, with a reason', () => {
    const broken = [
      [0],
      [0x0a],
      [0x0a, 5, 1],
      [0x0a, 0xff, 0xff, 0xff, 0xff, 0x7f],
      [0x0b],
      [0x08, 1],
      Array(12).fill(0xff),
    ]
    for (const bytes of broken) {
      assert.throws(() => decodeProtobuf(Buffer.from(bytes), TRACES_REQUEST), Refusal, String(bytes))
    }
  })
})

/** Protobuf does not write a field that has the value which it would have without. */
function withoutDefaults(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutDefaults)
  if (typeof value !== 'object' || value === null) return value
  const kept = Object.entries(value)
    .map(([key, item]) => [key, withoutDefaults(item)] as const)
    .filter(([, item]) => ![0, 0n, '', false].includes(item as never))
  return Object.fromEntries(kept)
}
