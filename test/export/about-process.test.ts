// What is told of the process beyond its service, and only where it may be.

import { strict as assert } from 'node:assert'
import { hostname } from 'node:os'
import { basename } from 'node:path'
import { aboutProcess } from '../../src/export/about-process'
import { INDEX, traced } from '../process/traced'
import { type FakeAgent, startAgent } from '../support/agent'
import { runNode } from '../support/spawn'

const off = {
  service: 'shop',
  isServiceGiven: true,
  tags: {},
  reportHostname: false,
  processTags: false,
  gitMetadata: true,
} as const

describe('about the process', () => {
  it('nothing is told unasked', () => {
    assert.deepEqual(Object.values(aboutProcess(off)), [undefined, undefined, undefined, undefined])
  })

  it('the host', () => assert.equal(aboutProcess({ ...off, reportHostname: true }).hostname, hostname()))

  it('how it was started, as plain names without paths', () => {
    const of = (isServiceGiven: boolean) =>
      aboutProcess(
        { ...off, service: 'My Shop', isServiceGiven, processTags: true },
        '@a/Shop',
      ).processDescription!.split(',')
    const tags = of(true)
    assert.ok(tags.includes(`entrypoint.workdir:${basename(process.cwd()).toLowerCase()}`))
    assert.ok(tags.includes('entrypoint.type:script') && tags.includes('package.json.name:_a/shop'))
    assert.ok(tags.includes('svc.user:true') && !tags.join().includes('svc.auto'))
    assert.ok(of(false).includes('svc.auto:my_shop'))
    assert.deepEqual([...tags].sort(), tags)
  })

  const urls: [given: string, told: string][] = [
    ['https://github.com/a/b.git', 'https://github.com/a/b.git'],
    ['https://user:secret@github.com/a/b.git', 'https://github.com/a/b.git'],
    ['https://token@github.com/a/b.git', 'https://github.com/a/b.git'],
    ['http://user:se@cret@host/a', 'http://host/a'],
    ['https://host/a/b@c', 'https://host/a/b@c'],
    ['git@github.com:a/b.git', 'git@github.com:a/b.git'],
    ['ssh://git@host:22/a', 'ssh://git@host:22/a'],
    ['ssh://git:secret@host/a', 'ssh://git@host/a'],
  ]
  for (const [given, told] of urls) {
    it(`the repository, without secrets: ${told}`, () =>
      assert.equal(aboutProcess({ ...off, gitRepositoryUrl: given }).gitRepositoryUrl, told))
  }

  it('the commit and the repository, from the tags too, unless that is turned off', () => {
    const tags = { 'git.commit.sha': 'abc', 'git.repository_url': 'https://x/y' }
    const { gitCommitSha, gitRepositoryUrl } = aboutProcess({ ...off, tags })
    assert.deepEqual([gitCommitSha, gitRepositoryUrl], ['abc', 'https://x/y'])
    assert.equal(aboutProcess({ ...off, tags, gitCommitSha: 'def' }).gitCommitSha, 'def')
    assert.equal(aboutProcess({ ...off, tags, gitMetadata: false }).gitCommitSha, undefined)
  })

  describe('in a program', () => {
    let agent: FakeAgent
    before(async () => {
      agent = await startAgent()
    })
    after(() => agent.close())

    it('is on the first span of a chunk, the host on every one', async () => {
      const env = {
        DD_TRACE_REPORT_HOSTNAME: 'true',
        DD_EXPERIMENTAL_PROPAGATE_PROCESS_TAGS_ENABLED: 'true',
        DD_GIT_COMMIT_SHA: 'abc',
        DD_GIT_REPOSITORY_URL: 'https://u:p@x/y',
      }
      const code = `const { tracer } = require(${JSON.stringify(INDEX)}); tracer.trace('a', () => tracer.trace('b', () => {}))`
      const run = await runNode(traced({ code }, agent.url, env))
      assert.deepEqual([run.code, run.stderr], [0, ''])
      const [first, second] = agent.spans()
      const told = (meta: Record<string, string>) => [
        meta['_dd.hostname'],
        meta['_dd.git.commit.sha'],
        meta['_dd.git.repository_url'],
        meta['_dd.tags.process']?.split(',').includes('svc.user:true'),
      ]
      assert.deepEqual(told(first!.meta), [hostname(), 'abc', 'https://x/y', true])
      assert.deepEqual(told(second!.meta), [hostname(), undefined, undefined, undefined])
    })
  })
})
