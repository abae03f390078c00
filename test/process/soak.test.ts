// The short form of `npm run soak`: a real program under load, with rude clients, a thousand at once, and an Agent that comes and goes. What
// it promises is in soak/promises.mjs; that these can be broken is shown here with made-up figures and traces.

import { strict as assert } from 'node:assert'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { describeWith, needsConcurrency, postgres, redis } from '../services'
import { repoRoot } from '../support/repo-root'
import { runNode } from '../support/spawn'

const SOAK = join(repoRoot, 'soak')
const BUILD = join(__dirname, '..', '..')
const TIMEOUT_MS = 300_000

interface Span {
  traceHigh: number
  traceLow: number
  high: number
  low: number
  parentHigh: number
  parentLow: number
  name: string
  resource: string
  url?: string
  status?: string
  command?: string
  error: number
  startMs: number
  durationMs: number
}

interface TreeCheck {
  take(spans: readonly Span[]): void
  end(): { spans: number; whole: number; cut: number; again: number; faulty: number; faults: string[] }
}

interface Kept {
  isFlat: boolean
  isExternalFlat: boolean
  isRssFlat: boolean
  areHandlesFlat: boolean
}

const load = <T>(file: string): Promise<T> => import(pathToFileURL(join(SOAK, file)).href) as Promise<T>

describe('the soak', () => {
  describeWith(redis, 'with Redis', (redisServer) => {
    describeWith(postgres, 'and PostgreSQL', (postgresServer) => {
      it('keeps what it promises, in short', async function () {
        this.timeout(TIMEOUT_MS)
        needsConcurrency(this, postgresServer())
        const { code, stdout, stderr } = await runNode({
          file: join(SOAK, 'run.mjs'),
          args: [
            'crowd',
            'aborts',
            'agents',
            '--agents',
            'flapping',
            '--requests',
            '1000',
            '--phase-seconds',
            '6',
            '--dd',
            BUILD,
          ],
          env: { DD_TEST_REDIS_URL: redisServer().url, DD_TEST_POSTGRES_URL: postgresServer().url },
          timeoutMs: TIMEOUT_MS,
        })
        assert.equal(code, 0, `${stdout.replace(/ {2,}/g, ' ')}\n${stderr}`)
        assert.match(stdout, /All \d+ promises are kept/)
      })
    })
  })

  describe('sees in traces', () => {
    let nextId = 0
    const span = (parent: Span | undefined, what: Partial<Span>): Span => ({
      traceHigh: 0,
      traceLow: parent?.traceLow ?? ++nextId,
      high: 0,
      low: ++nextId,
      parentHigh: 0,
      parentLow: parent?.low ?? 0,
      name: 'express.middleware',
      resource: '',
      error: 0,
      startMs: Date.now(),
      durationMs: 1,
      ...what,
    })
    /** The trace of `GET /nothing/7`. */
    const trace = (number = 7) => {
      const root = span(undefined, {
        name: 'express.request',
        resource: 'GET',
        url: `http://shop.test/nothing/${number}`,
        status: '404',
      })
      const recognize = span(root, { resource: 'recognize' })
      const command = span(recognize, { name: 'redis.command', resource: 'GET', command: `GET session:${number}` })
      return [
        root,
        span(root, { resource: 'identify' }),
        recognize,
        command,
        span(root, { resource: 'nothing' }),
      ] as const
    }
    const came = async (chunks: (readonly Span[])[], options?: { mayBeCut: boolean }) => {
      const { TreeCheck } = await load<{ TreeCheck: new (of?: { mayBeCut: boolean }) => TreeCheck }>('trees.mjs')
      const check = new TreeCheck(options)
      for (const chunk of chunks) check.take(chunk)
      const { whole, cut, again, faulty } = check.end()
      return { whole, cut, again, faulty }
    }
    const good = { whole: 1, cut: 0, again: 0, faulty: 0 }
    const bad = { whole: 0, cut: 0, again: 0, faulty: 1 }

    it('nothing wrong, in whatever order and in however many parts a trace comes', async () => {
      const [root, identify, recognize, command, nothing] = trace()
      assert.deepEqual(await came([[root, identify, recognize, command, nothing]]), good)
      assert.deepEqual(
        await came([
          [nothing, command],
          [root, recognize, identify],
        ]),
        good,
      )
    })

    it('a span too few, too many, below a wrong one, or below none', async () => {
      const [root, identify, recognize, command, nothing] = trace()
      const odd: Span[][] = [
        [root, identify, recognize, command],
        [identify, recognize, command, nothing],
        [root, identify, recognize, command, nothing, span(root, { resource: 'nothing' })],
        [root, identify, recognize, { ...command, parentLow: root.low }, nothing],
        [root, identify, recognize, { ...command, parentLow: 123_456 }, nothing],
        [root, identify, recognize, command, { ...nothing, error: 1 }],
        [{ ...root, status: '200' }, identify, recognize, command, nothing],
      ]
      for (const spans of odd) assert.deepEqual(await came([spans]), bad)
    })

    it('a span of another request, or of another trace', async () => {
      const [root, identify, recognize, command, nothing] = trace()
      const foreign = { ...command, command: 'GET session:8' }
      assert.equal((await came([[root, identify, recognize, foreign, nothing]])).faulty, 1)
      const astray = { ...command, traceLow: 99 }
      assert.equal((await came([[root, identify, recognize, astray, nothing]])).faulty, 1)
    })

    it('a trace that comes twice', async () => assert.equal((await came([trace(), trace()])).again, 1))

    it('of a request that was cut off what may be missing, and what not', async () => {
      const [root, identify, recognize, command, nothing] = trace()
      const cut = { whole: 0, cut: 1, again: 0, faulty: 0 }
      const mayBeCut = { mayBeCut: true }
      assert.deepEqual(await came([[root, identify]], mayBeCut), cut)
      assert.deepEqual(await came([[root, { ...command, parentLow: root.low }]], mayBeCut), cut)
      for (const spans of [
        [identify, recognize],
        [root, command],
        [root, identify, identify],
        [root, recognize, { ...nothing, parentLow: recognize.low }],
      ])
        assert.deepEqual(await came([spans], mayBeCut), bad)
    })
  })

  it('sees memory, RSS and handles that grow', async () => {
    const { memoryOf } = await load<{ memoryOf(samples: unknown[]): Kept }>('promises.mjs')
    const MIB = 2 ** 20
    const of = (grown: (window: number) => Record<string, unknown>) => {
      const windows = Array.from({ length: 20 }, (_, window) => ({
        requests: 50_000 * (window + 1),
        heapBytes: 20 * MIB + (window % 2) * 100_000,
        externalBytes: 0,
        largestRssBytes: 90 * MIB,
        handles: { TCPSocketWrap: 2 },
        ...grown(window),
      }))
      const { isFlat, isExternalFlat, isRssFlat, areHandlesFlat } = memoryOf(windows)
      return { isFlat, isExternalFlat, isRssFlat, areHandlesFlat }
    }
    const flat = { isFlat: true, isExternalFlat: true, isRssFlat: true, areHandlesFlat: true }
    assert.deepEqual(
      of(() => ({})),
      flat,
    )
    assert.deepEqual(
      of((window) => ({ heapBytes: (window < 4 ? 10 : 20) * MIB })),
      flat,
    )
    // Two bytes for each request, which is a span kept of a hundred of them.
    assert.deepEqual(
      of((window) => ({ heapBytes: 20 * MIB + window * 100_000 })),
      { ...flat, isFlat: false },
    )
    assert.deepEqual(
      of((window) => ({ largestRssBytes: (90 + 8 * window) * MIB })),
      { ...flat, isRssFlat: false },
    )
    assert.deepEqual(
      of((window) => ({ handles: { Timeout: window } })),
      { ...flat, areHandlesFlat: false },
    )
  })
})
