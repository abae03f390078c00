// The tests of pins that all libraries share. Two clients that are alike do the same at once, one of them pinned: its spans, and only
// those, are of the pin's service, with its tags, by its tracer; while that tracer is off there are none, and the calls work.

import { strict as assert } from 'node:assert'
import { Pin, type PinOptions, tracer } from '../../src'
import { MadeTracer } from '../trace/made-tracer'
import type { ReceivedSpan } from './agent'
import { describePackages } from './library'
import type { PackageSet } from './npm-packages'
import { Tracing } from './tracing'

const TAGS = { team: 'pinned' }
const AT_ONCE = 5

/** Of the suite that runs. */
let tracing: Tracing

/** Traces with these plugins in the suite that is being declared; `load` gets what is traced. */
export function traced(plugins: Record<string, true>, load: () => void = () => {}): void {
  before(async () => {
    tracing = await Tracing.start(plugins)
    load()
  })
  after(() => tracing.stop())
}

/** A `describe` with packages that the tests of their plugin have, too: the first one names them. */
export function describePins(
  packages: Readonly<Record<string, string>>,
  builds: readonly string[] | undefined,
  declare: (set: PackageSet) => void,
): void {
  const [name, version] = Object.entries(packages)[0]!
  describe('pins', () => describePackages(`${name} ${version}`, packages, builds, declare))
}

interface PinCase<Client> {
  /** Clients that are alike, new for each test. */
  open(): Client | Promise<Client>
  close?(client: Client): unknown
  /** What is pinned, where that is not the client itself. */
  pinned?(client: Client): object
  run(client: Client): unknown
  /** The names of the spans that a pin is for; there is at least one of each. */
  readonly names: readonly string[]
  /** Where a span is there before it is known whose it is, a pin's tracer comes too late for it. */
  readonly takesTracer?: false
}

export function itFollowsPins<Client extends object>(what: string, given: PinCase<Client>): void {
  const { open, close, run } = given
  const names = given.names.map(sent)
  const pinnedOf = given.pinned ?? ((client: Client): object => client)

  async function withTwo(test: (pinned: Client, other: Client) => Promise<void>): Promise<void> {
    const clients: Client[] = []
    try {
      for (let i = 0; i < 2; i++) clients.push(await open())
      tracing.clear()
      await test(clients[0]!, clients[1]!)
    } finally {
      for (const client of clients) await close?.(client)
      await tracer.flush()
      tracing.clear()
    }
  }

  /** Runs both, several times at once; gives the spans with the names by trace. */
  async function runBoth(
    pinned: Client,
    other: Client,
  ): Promise<[ofPinned: ReceivedSpan[][], ofOther: ReceivedSpan[][]]> {
    const ids = (client: Client) =>
      Promise.all(
        [...Array(AT_ONCE)].map(() =>
          tracer.trace('caller', async (span) => {
            await run(client)
            return span.traceId.slice(16)
          }),
        ),
      )
    const [pinnedIds, otherIds] = await Promise.all([ids(pinned), ids(other)])
    const own = (await settled()).filter(({ name }) => names.includes(sent(name)))
    const of = (id: string) => own.filter((span) => traceIdOf(span) === id)
    return [pinnedIds.map(of), otherIds.map(of)]
  }

  /** What servers and consumers do may end a little later. */
  async function settled(): Promise<ReceivedSpan[]> {
    for (let turn = 0; turn < 20; turn++) await new Promise((resolve) => setImmediate(resolve))
    return tracing.spans()
  }

  function assertNamed(traces: ReceivedSpan[][]): void {
    for (const spans of traces)
      assert.deepEqual([...new Set(spans.map(({ name }) => sent(name)))].sort(), [...names].sort())
  }

  const serviceAndTeam = ({ service, meta }: ReceivedSpan) => [service, meta['team']]

  describe(`a pin on ${what}`, () => {
    it('gives its spans their service and tags, and those of another none', () =>
      withTwo(async (pinned, other) => {
        Pin.override(pinnedOf(pinned), { service: 'pinned-service', tags: TAGS })
        const [ofPinned, ofOther] = await runBoth(pinned, other)
        for (const traces of [ofPinned, ofOther]) assertNamed(traces)
        for (const span of ofPinned.flat())
          assert.deepEqual(serviceAndTeam(span), ['pinned-service', 'pinned'], span.name)
        for (const span of ofOther.flat()) {
          assert.notEqual(span.service, 'pinned-service', span.name)
          assert.equal(span.meta['team'], undefined, span.name)
        }
        Pin.of(pinnedOf(pinned))!.removeFrom(pinnedOf(pinned))
        tracing.clear()
        const [removed] = await runBoth(pinned, other)
        for (const span of removed.flat()) assert.notEqual(span.service, 'pinned-service', span.name)
      }))

    if (given.takesTracer === false) return

    it('has its spans made by its tracer, or none while that is off', () =>
      withTwo(async (pinned, other) => {
        const own = new MadeTracer()
        Pin.override(pinnedOf(pinned), { tracer: own, tags: TAGS })
        const [ofPinned, ofOther] = await runBoth(pinned, other)
        assert.deepEqual(ofPinned.flat().map(serviceAndTeam), [])
        assertNamed(ofOther)
        for (const name of names)
          assert.ok(
            own.spans.some((span) => sent(span.name) === name),
            `no ${name} by the tracer`,
          )
        await own.shutdown()
        const before = own.spans.length
        tracing.clear()
        const [afterwards, alsoThen] = await runBoth(pinned, other)
        assert.deepEqual([afterwards.flat().map(({ name }) => name), own.spans.length], [[], before])
        assertNamed(alsoThen)
      }))
  })
}

/** Two things of one client, such as connections of its pool: the first one overrides what holds for the other. */
export async function servicesOf(
  names: readonly string[],
  runs: readonly (readonly [object, PinOptions | undefined, () => unknown])[],
): Promise<string[][]> {
  const services: string[][] = []
  for (const [target, options, run] of runs) {
    if (options !== undefined) Pin.override(target, options)
    await tracer.flush()
    tracing.clear()
    await run()
    const spans = (await tracing.spans()).filter(({ name }) => names.includes(name))
    services.push([...new Set(spans.map(({ service, meta }) => `${service} ${meta['team'] ?? '-'}`))].sort())
  }
  return services
}

/** A name as the Agent takes it. */
function sent(name: string): string {
  return name.replaceAll('-', '_')
}

/** The lower half, which every span has. */
function traceIdOf({ trace_id: id }: ReceivedSpan): string {
  return BigInt(id).toString(16).padStart(16, '0')
}
