// Context through everything: every way in which Node comes back to a program, run by two traces at once, on both scopes, through the
// public entry. Each trace must find its own span there, or what the table says and why.

import { strict as assert } from 'node:assert'
import { tracer } from '../../../src'
import { type Recording, recordSpans } from '../../../src/testing'
import { describePackages } from '../../support/library'
import type { ContextCase, Seen } from './context-case'
import { languageCases } from './language-cases'
import { nodeCases } from './node-cases'
import { programCases } from './program-cases'
import { type BluebirdLike, bluebirdCases, type QLike, qCases } from './promise-library-cases'

const SCOPES = ['async_local_storage', 'cls-hooked'] as const

/** What the table says of a case, for each flow. */
function expected({ sees = 'own' }: ContextCase): readonly Seen[] {
  return typeof sees === 'string' ? [sees, sees] : sees
}

/** Runs the case in two traces at once; returns what was active in each where it was reached, and after it. */
async function seenIn({ run, share }: ContextCase, recorded: Recording): Promise<[Seen, Seen][]> {
  const [maker, ...flows] = ['maker', 'a', 'b']
  const shared = share === undefined ? run : tracer.trace(String(maker), share)
  assert.ok(shared, 'a case runs something')
  const flow = (name: string) =>
    tracer.trace(name, async () => {
      await new Promise<void>((resolve, reject) => {
        const reach = () => {
          tracer.trace(`${name} reached`, () => {})
          resolve()
        }
        Promise.resolve(shared(reach)).catch(reject)
      })
      tracer.trace(`${name} after`, () => {})
    })
  await Promise.all(flows.map(flow))
  const names = new Map(recorded.spans().map(({ spanId, name }) => [spanId, name]))
  const seen = (name: string, what: string): Seen => {
    const parent = names.get(recorded.find(`${name} ${what}`).parentId ?? '')
    if (parent === name) return 'own'
    if (parent === undefined) return 'none'
    return parent === maker ? 'maker' : 'other'
  }
  return flows.map((name) => [seen(name, 'reached'), seen(name, 'after')])
}

/** A test of each case, for the scope of `recorded`. */
function testCases(cases: readonly ContextCase[], recorded: () => Recording): void {
  for (const one of cases) {
    const wanted = expected(one)
    const isOwn = wanted.every((seen) => seen === 'own')
    it(`${one.title}${isOwn ? '' : ` (${[...new Set(wanted)].join(' and ')}: ${one.because})`}`, async () => {
      assert.equal(one.sees !== undefined, one.because !== undefined, 'what is odd has a reason')
      assert.deepEqual(
        await seenIn(one, recorded()),
        wanted.map((seen) => [seen, 'own']),
      )
      assert.equal(tracer.activeSpan, undefined)
    })
  }
}

for (const scope of SCOPES) {
  describe(`the context with ${scope}`, () => {
    let recorded: Recording
    before(() => {
      recorded = recordSpans({ service: 'test', scope })
    })
    beforeEach(() => recorded.clear())
    after(() => recorded.stop())

    for (const [group, cases] of Object.entries({ ...languageCases, ...programCases, ...nodeCases })) {
      describe(`comes through ${group}:`, () => testCases(cases, () => recorded))
    }

    describe('comes through promises of libraries:', () => {
      describePackages('bluebird 3.7.2', { bluebird: '3.7.2' }, undefined, (set) =>
        testCases(
          bluebirdCases(() => set.require('bluebird') as BluebirdLike),
          () => recorded,
        ),
      )
      describePackages('q 1.5.1', { q: '1.5.1' }, undefined, (set) =>
        testCases(
          qCases(() => set.require('q') as QLike),
          () => recorded,
        ),
      )
    })
  })
}
