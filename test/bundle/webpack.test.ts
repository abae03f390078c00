// `dd/webpack` with the real webpack: a bundled program behaves with and without `dd` as it does unbundled, and gives the same spans.

import { strict as assert } from 'node:assert'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { INIT } from '../process/traced'
import { describeWith, postgres } from '../services'
import { outline, startAgent } from '../support/agent'
import { describePackages } from '../support/library'
import { type NodeProgram, runNode } from '../support/spawn'
import { ES_LIBRARIES, ES_PACKAGES, ES_SPANS, EXPRESS_AND_PG, GRAPHQL } from './programs'

import DdWebpackPlugin = require('../../src/bundle/webpack')

const PACKAGES = { ...ES_PACKAGES, express: '5.3.0', graphql: '16.15.0', pg: '8.23.1', webpack: '5.112.2' }

interface Stats {
  hasErrors(): boolean
  toString(options: object): string
}

type Webpack = (options: object, done: (error: Error | null, stats: Stats) => void) => void

interface Variant {
  readonly name: string
  readonly options: object
  readonly isMinified?: boolean
}

const variants: Variant[] = [
  { name: 'for development', options: { mode: 'development' } },
  { name: 'for development, without eval', options: { mode: 'development', devtool: 'source-map' } },
  { name: 'for production', options: { mode: 'production' }, isMinified: true },
  { name: 'for production, without minifying', options: { mode: 'production', optimization: { minimize: false } } },
  {
    name: 'with one library outside',
    options: { mode: 'production', externals: { express: 'commonjs express' } },
    isMinified: true,
  },
]

describePackages('a program bundled by webpack', PACKAGES, undefined, (set) => {
  async function bundle(file: string, options: object, plugins: object[] = [new DdWebpackPlugin()]): Promise<string> {
    const webpack = set.require('webpack') as Webpack
    const output = { path: join(set.folder, 'bundles'), filename: `app-${process.pid}.cjs` }
    const externals = { 'pg-native': 'commonjs pg-native' }
    const given = { externals, ...options, entry: file, target: 'node', context: set.folder, output, plugins }
    const stats = await new Promise<Stats>((resolve, reject) => {
      webpack(given, (error, result) => (error === null ? resolve(result) : reject(error)))
    })
    assert.equal(stats.hasErrors(), false, stats.toString({ all: false, errors: true }))
    return join(output.path, output.filename)
  }

  async function trace(program: NodeProgram & { file: string }, execArgv: string[] = ['--require', INIT]) {
    const agent = await startAgent()
    const env = { ...program.env, DD_SERVICE: 'shop', DD_TRACE_AGENT_URL: agent.url }
    const { code, stdout, stderr } = await runNode({ ...program, env, execArgv })
    assert.deepEqual([code, agent.violations], [0, []], stderr)
    const spans = agent.spans().length === 0 ? '' : outline(agent.spans())
    await agent.close()
    return { stdout, spans, said: stderr }
  }

  const write = (text: string, name = 'app') => {
    const file = join(set.folder, `${name}-${process.pid}.mjs`)
    writeFileSync(file, text)
    return file
  }

  describeWith(postgres, 'of express and pg', (server) => {
    for (const { name, options, isMinified = false } of variants) {
      it(`${name} is traced as unbundled`, async () => {
        const env = { DATABASE_URL: server().url }
        const file = write(EXPRESS_AND_PG)
        const unbundled = await trace({ file, env })
        assert.match(unbundled.spans, /express\.request \[GET \/users\/:id\][\s\S]*pg\.query/)
        const bundled = await bundle(file, options)
        const plain = await runNode({ file: bundled, env })
        assert.deepEqual([plain.code, plain.stdout, plain.stderr], [0, unbundled.stdout, ''])
        const spans = isMinified ? unbundled.spans.replace('[show]', '[<anonymous>]') : unbundled.spans
        assert.deepEqual(await trace({ file: bundled, env }), { ...unbundled, spans })
      }).timeout(120_000)
    }

    it('is traced when it has dd in it', async () => {
      const env = { DATABASE_URL: server().url }
      const file = write(EXPRESS_AND_PG)
      const { spans } = await trace({ file, env })
      const first = write(`import ${JSON.stringify(INIT)}\nimport ${JSON.stringify(file)}\n`, 'first')
      const run = await trace({ file: await bundle(first, { mode: 'development' }), env }, [])
      assert.deepEqual([run.spans, run.said], [spans, ''])
    }).timeout(120_000)

    it('is told of when it was bundled without the plugin', async () => {
      const file = await bundle(write(EXPRESS_AND_PG), { mode: 'development' }, [])
      const { said } = await trace({ file, env: { DATABASE_URL: server().url } })
      assert.match(said, /^dd: express, pg, pg-pool, router are in a bundle[^\n]*dd\/webpack[^\n]*\n$/)
    }).timeout(120_000)
  })

  for (const { name, options } of variants.slice(0, -1)) {
    it(`of ES modules ${name} is traced`, async () => {
      const file = write(ES_LIBRARIES)
      const plain = await runNode({ file })
      const bundled = await bundle(file, options)
      const without = await runNode({ file: bundled })
      assert.deepEqual([without.code, without.stdout, without.stderr], [0, plain.stdout, ''])
      const { stdout, spans, said } = await trace({ file: bundled })
      assert.deepEqual([stdout, said], [plain.stdout, ''])
      const names = spans.split('\n').map((line) => line.slice(2).replace(/^( *\S+).*/, '$1'))
      assert.deepEqual(names, ES_SPANS)
    }).timeout(120_000)
  }

  it('of a library whose ES modules webpack prefers is traced as unbundled', async () => {
    const file = write(GRAPHQL)
    const unbundled = await trace({ file })
    assert.match(unbundled.spans, /graphql\.execute/)
    assert.deepEqual(await trace({ file: await bundle(file, { mode: 'production' }) }), unbundled)
  }).timeout(120_000)
})
