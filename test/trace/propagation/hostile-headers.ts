// Headers as strangers send them: right, almost right, and anything. For fast-check, which shrinks what fails.

import fc from 'fast-check'

const hexDigits = (length: number) =>
  fc.string({ unit: fc.constantFrom(...'0123456789abcdef'), minLength: length, maxLength: length })
const decimal = fc.bigInt({ min: 0n, max: (1n << 64n) - 1n }).map(String)
const joined = (separator: string, part: fc.Arbitrary<string>, maxLength = 6) =>
  fc.array(part, { maxLength }).map((parts) => parts.join(separator))
const word = fc.string({ unit: fc.constantFrom(...'abcdeXYZ019_.-'), minLength: 1, maxLength: 12 })
const line = fc.string({ unit: 'grapheme-ascii', maxLength: 20 })

/** Few traces, so that styles agree now and then. */
const traceId = fc.oneof(
  fc.constantFrom('1'.repeat(32), `${'0'.repeat(16)}${'1'.repeat(16)}`, `${'2'.repeat(16)}${'1'.repeat(16)}`),
  hexDigits(32),
)
const spanId = fc.oneof(fc.constantFrom('3'.repeat(16), '4'.repeat(16)), hexDigits(16))
const asDecimal = (hex: fc.Arbitrary<string>) => hex.map((text) => BigInt(`0x${text.slice(-16)}`).toString())

const own = joined(
  ';',
  fc.oneof(
    fc.constantFrom('s:1', 's:2', 's:0', 's:-1', 'o:rum', 't.dm:-4', 'p:0123456789abcdef', 't.tid:1111111111111111'),
    fc
      .tuple(fc.constantFrom('s', 'o', 'p', 't.dm', 't.tid', 't.x', 'x'), line)
      .map(([key, value]) => `${key}:${value}`),
  ),
)
const member = fc.oneof(
  own.map((value) => `dd=${value}`),
  fc.tuple(word, line).map(([key, value]) => `${key}=${value}`),
  line,
)

/** What each header should hold. */
const good: Readonly<Record<string, fc.Arbitrary<string>>> = {
  'x-datadog-trace-id': fc.oneof(asDecimal(traceId), decimal),
  'x-datadog-parent-id': fc.oneof(asDecimal(spanId), decimal),
  'x-datadog-sampling-priority': fc.constantFrom('-1', '0', '1', '2', '3'),
  'x-datadog-origin': fc.oneof(fc.constantFrom('rum', 'synthetics'), line),
  'x-datadog-tags': joined(
    ',',
    fc.oneof(
      traceId.map((id) => `_dd.p.tid=${id.slice(0, 16)}`),
      fc.constant('_dd.p.dm=-4'),
      fc.tuple(word, word).map(([key, value]) => `_dd.p.${key}=${value}`),
    ),
  ),
  traceparent: fc
    .tuple(fc.constantFrom('00', '00', '00', '01', 'ff'), traceId, spanId, hexDigits(2))
    .map((parts) => parts.join('-')),
  tracestate: joined(',', member, 40),
  b3: fc.oneof(
    fc.constantFrom('0', '1', 'd'),
    fc.tuple(traceId, spanId, fc.constantFrom('0', '1', 'd')).map((parts) => parts.join('-')),
  ),
  'x-b3-traceid': fc.oneof(traceId, hexDigits(16)),
  'x-b3-spanid': spanId,
  'x-b3-sampled': fc.constantFrom('0', '1', 'true', 'd'),
  'x-b3-flags': fc.constantFrom('0', '1'),
  baggage: joined(
    ',',
    fc.tuple(word, line.map(encodeURIComponent)).map(([key, value]) => `${key}=${value}`),
    80,
  ),
  'ot-baggage-user': line,
  'x-aws-sqsd-attr-_datadog': fc
    .record({ 'x-datadog-trace-id': decimal, 'x-datadog-parent-id': decimal })
    .map((value) => JSON.stringify(value)),
}

const HEADER_NAMES = Object.keys(good)

/** One character changed, left out or put in. */
const mutated = (text: fc.Arbitrary<string>) =>
  fc
    .tuple(text, fc.nat(), fc.constantFrom(0, 1), fc.string({ unit: 'binary', maxLength: 2 }))
    .map(([whole, at, skipped, put]) => {
      const place = at % (whole.length + 1)
      return whole.slice(0, place) + put + whole.slice(place + skipped)
    })

const garbage = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 40 }),
  fc.string({ unit: fc.constantFrom(...'=,;:-~% \t\n0fd\u0000ü'), maxLength: 60 }),
  fc.constantFrom(
    '',
    'x'.repeat(20_000),
    ','.repeat(9000),
    ' '.repeat(5000),
    'dd='.repeat(3000),
    '__proto__',
    'constructor',
  ),
)

/** What one header may hold: mostly something that is almost right, in the forms that carriers have. */
function anythingFor(name: string): fc.Arbitrary<unknown> {
  const right = good[name]!
  const text = fc.oneof(
    { weight: 6, arbitrary: right },
    { weight: 3, arbitrary: mutated(right) },
    { weight: 1, arbitrary: garbage },
  )
  return fc.oneof(
    { weight: 12, arbitrary: text },
    { weight: 1, arbitrary: fc.array(text, { maxLength: 3 }) },
    {
      weight: 1,
      arbitrary: fc.oneof(
        fc.constantFrom(null, undefined, 0, 1, true, {}, [null]),
        text.map((each) => Buffer.from(each)),
      ),
    },
  )
}

const values = Object.fromEntries(HEADER_NAMES.map((name) => [name, anythingFor(name)]))

/** Any headers in any combination. */
export const anyHeaders = fc.record(values, { requiredKeys: [] }) as fc.Arbitrary<Record<string, unknown>>

/** The same, of what can be sent over HTTP. */
export const anyHttpHeaders = fc.record(
  Object.fromEntries(
    HEADER_NAMES.map((name) => [
      name,
      fc
        .oneof(good[name]!, mutated(good[name]!), garbage)
        .map((text) => text.replace(/[^\t\x20-\x7e\x80-\xff]/g, '?').slice(0, 600)),
    ]),
  ),
  { requiredKeys: [] },
) as fc.Arbitrary<Record<string, string>>

/** A context that every style can say: an origin and tags that survive the encodings of all. */
export const anyContext = fc.record({
  traceUpper: fc.tuple(fc.integer(), fc.integer()),
  trace: fc.tuple(fc.integer(), fc.integer()).filter(([high, low]) => high !== 0 || low !== 0),
  span: fc.tuple(fc.integer(), fc.integer()).filter(([high, low]) => high !== 0 || low !== 0),
  priority: fc.constantFrom(-1, 0, 1, 2),
  origin: fc.option(word, { nil: undefined }),
  tags: fc.dictionary(
    word.map((key) => `_dd.p.x${key}`),
    fc.string({ unit: fc.constantFrom(...'abc019=_.:/ @-'), minLength: 1, maxLength: 12 }).map((text) => `${text}!`),
    { maxKeys: 3 },
  ),
  tracestate: fc
    .uniqueArray(
      word.map((key) => `v${key}=1`),
      { maxLength: 31 },
    )
    .map((members) => members.join(',')),
})

/** Baggage within its limits. */
export const anyBaggage = fc.dictionary(word, fc.string({ unit: 'grapheme', minLength: 1, maxLength: 8 }), {
  minKeys: 1,
  maxKeys: 8,
  noNullPrototype: true,
})
