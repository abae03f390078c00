// Query builders and object mappers have no spans of their own: the driver's query is what counts, and it has to find its parent
// through their pools, queues, transactions and promises that start late. What each of them is asked for is written here once.

import { strict as assert } from 'node:assert'
import { tracer } from '../../src'
import { childrenOf, find } from '../support/agent'
import { Tracing } from '../support/tracing'

/** One program's way to ask; each `text` becomes one query. */
export interface Orm {
  /** Texts, asked for one after the other, each in another way of the library; returns when all are answered. */
  ask(texts: (way: number) => string): Promise<void>
  /** Two texts in one transaction. */
  transaction(first: string, second: string): Promise<void>
  /** A promise that is made in one trace, and starts in the one that awaits it. */
  later?(text: string): () => PromiseLike<unknown>
  close(): Promise<unknown>
}

const REQUESTS = 20

interface Way {
  /** The plugin of the driver, and the name of its spans. */
  readonly driver: string
  readonly span: string
  /** How many texts `ask` asks for. */
  readonly ways: number
  /** Whether it has promises that start late. */
  readonly late: boolean
}

/** `open` opens it with a pool of two connections, after the drivers were patched. */
export function describeOrm({ driver, span, ways, late }: Way, open: () => Orm | Promise<Orm>): void {
  describe(`over ${driver}`, () => {
    let tracing: Tracing
    let orm: Orm

    beforeEach(async () => {
      tracing = await Tracing.start({ [driver]: true })
      orm = await open()
    })
    afterEach(async () => {
      await orm.close()
      await tracing.stop()
    })

    it('gives each of 20 requests on a cold pool its own queries, and comes back in its context', async () => {
      const text = (n: number, way: number | string) => `select ${n} as way_${way}`
      await Promise.all(
        Array.from({ length: REQUESTS }, (_, n) =>
          tracer.trace('request', { resource: `r${n}` }, async (request) => {
            await orm.ask((way) => text(n, way))
            assert.equal(tracer.activeSpan, request)
            await orm.transaction(text(n, 'first'), text(n, 'second'))
            assert.equal(tracer.activeSpan, request)
          }),
        ),
      )
      const spans = await tracing.spans()
      for (let n = 0; n < REQUESTS; n++) {
        const asked = childrenOf(find(spans, { name: 'request', resource: `r${n}` }), spans)
          .filter(({ name }) => name === span)
          .map(({ resource }) => resource)
        const expected = [
          ...Array.from({ length: ways }, (_, way) => text(n, way)),
          text(n, 'first'),
          text(n, 'second'),
        ]
        assert.deepEqual(
          asked.filter((one) => one.includes(' as way_')),
          expected,
        )
        // The transaction is the request's from its begin to its end.
        for (const [word, beside] of [
          [/^(begin|start transaction)/i, text(n, 'first')],
          [/^commit/i, text(n, 'second')],
        ] as const) {
          assert.equal(
            asked.filter((one) => word.test(one)).length,
            1,
            `${word} beside ${beside} in ${asked.join('; ')}`,
          )
        }
      }
      assert.equal(spans.filter(({ resource }) => resource.includes(' as way_')).length, REQUESTS * (ways + 2))
    })

    if (late) {
      it('has whoever awaits a late promise as the parent', async () => {
        const ask = tracer.trace('writes', () => orm.later!('select 1 as late'))
        await tracer.trace('awaits', async () => void (await ask()))
        const spans = await tracing.spans()
        const query = spans.find(({ resource }) => resource.includes('1 as late'))
        assert.equal(query?.parent_id, find(spans, 'awaits').span_id)
      })
    }
  })
}
