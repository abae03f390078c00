// Files of vectors of the HTTP API: that `npm run vectors` runs one and takes no other, the names of what a network can do, and long integers.

import { strict as assert } from 'node:assert'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { repoRoot } from '../../repo-root'
import { runNode } from '../../spawn'
import { faultOf } from './faults'
import { parseLong, writeLong } from './long-integers'

const CALL = {
  id: 'x',
  method: 'hostTags',
  variant: 'modern',
  auth: 'api+app',
  args: ['h'],
  request: { verb: 'GET', path: '/api/v1/tags/hosts/h', query: {} },
  response: { status: 200, body: { tags: ['a'] } },
  returns: ['a'],
}

describe('a file of vectors of the HTTP API', () => {
  const folder = mkdtempSync(join(tmpdir(), 'dd-vectors-'))
  after(() => rmSync(folder, { recursive: true }))
  const run = (content: unknown) => {
    const file = join(folder, 'vectors.json')
    writeFileSync(file, JSON.stringify(content))
    const build = basename(join(__dirname, '..', '..', '..', '..'))
    return runNode({
      file: join(repoRoot, 'scripts', 'vectors.mjs'),
      args: ['http-api', file],
      env: { DD_TEST_BUILD: build, HOME: process.env['HOME'] },
    })
  }

  it('is run, and its failures and what is left out are printed', async () => {
    const { code, stdout } = await run({
      format: 1,
      vectors: [CALL, { ...CALL, id: 'y', returns: 1 }, { ...CALL, id: 'z', variant: 'seed' }],
      weatherVectors: [{ id: 'w' }],
    })
    assert.equal(code, 1)
    assert.equal(
      stdout,
      [
        'failed vectors y: expected 1, got ["a"]',
        'skipped vectors z: it documents the original client',
        'skipped weatherVectors w: the section weatherVectors is not understood',
        '1 passed, 1 failed, 2 skipped',
        '',
      ].join('\n'),
    )
  })

  it('is run to a good end where nothing failed', async () => {
    const { code, stdout } = await run({
      errorVectors: [{ ...CALL, recommended: { swallowFalse: { returns: ['a'] } } }],
    })
    assert.deepEqual([code, stdout], [0, '1 passed, 0 failed, 0 skipped\n'])
  })

  for (const [title, content] of [
    ['of metrics', []],
    ['of something else', { version: 1 }],
  ] as const) {
    it(`is refused where it is one ${title}`, async () => {
      const { code, stderr } = await run(content)
      assert.equal(code, 1)
      assert.match(stderr, /holds no vectors of the HTTP API/)
    })
  }
})

describe('the network of vectors', () => {
  const names: [name: string | undefined, fault: string][] = [
    [undefined, 'none'],
    ['http-500', 'none'],
    ['read-timeout', 'silent'],
    ['timeout-on-send', 'unconnected'],
    ['connect-timeout', 'unconnected'],
    ['connection-refused', 'refused'],
    ['ECONNRESET', 'reset'],
    ['socket-hang-up', 'closed'],
    ['body_cut_short', 'cut'],
    ['truncated body', 'cut'],
    ['body-timeout', 'stalled'],
    ['dns-failure', 'dns'],
    ['ENOTFOUND', 'dns'],
    ['tls-error', 'tls'],
    ['in-backoff', 'backoff'],
  ]
  for (const [name, fault] of names) it(`knows ${name} as ${fault}`, () => assert.equal(faultOf(name), fault))
})

describe('the JSON of vectors', () => {
  it('keeps the digits of long integers, and leaves all else as it is', () => {
    const text =
      '{"a":6327818702635911562,"b":["6327818702635911562",-9007199254740993],"c":4674703282750231,"d":1.5e20,"e":"\\"1\\\\"}'
    const read = parseLong(text) as Record<string, unknown>
    assert.deepEqual(read, {
      a: 6327818702635911562n,
      b: ['6327818702635911562', -9007199254740993n],
      c: 4674703282750231,
      d: 1.5e20,
      e: '"1\\',
    })
    assert.equal(writeLong(read), text.replace('1.5e20', '150000000000000000000'))
  })
})
