// The fs plugin: callbacks, promises and synchronous calls look the same with and without it, and are spans inside of a trace only.

import { strict as assert } from 'node:assert'
import fs, { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { readFile as readFileByName } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { promisify } from 'node:util'
import { MAX_PATH_CHARS } from '../../plugins/fs'
import { patch, tracer } from '../../src'
import { PackageFolder, removePackageFolders } from '../plugin/package-folder'
import { childrenOf, find } from '../support/agent'
import { type CallStyle, describeCallStyles } from '../support/call-styles'
import { Tracing } from '../support/tracing'

interface Row extends CallStyle<string> {
  readonly resource?: string
  readonly tags?: (folder: string) => Record<string, unknown>
  /** How many spans; default: one. */
  readonly spans?: number
}

const file = (folder: string) => join(folder, 'one.txt')
const gone = (folder: string) => join(folder, 'gone.txt')
const other = (folder: string) => join(folder, 'two.txt')
const message = (error: NodeJS.ErrnoException) => error.code

const rows: Row[] = [
  {
    name: 'readFile and a callback',
    run: (folder, probe) => fs.readFile(file(folder), 'utf8', probe.callback()),
    resource: 'readFile',
    tags: (folder) => ({ 'file.path': file(folder) }),
  },
  { name: 'readFile, as a promise', run: (folder) => fs.promises.readFile(file(folder), 'utf8'), resource: 'readFile' },
  { name: 'readFileSync', run: (folder) => fs.readFileSync(file(folder), 'utf8'), resource: 'readFileSync' },
  {
    name: 'readFile of a promisified callback',
    run: (folder) => promisify(fs.readFile)(file(folder), 'utf8'),
    resource: 'readFile',
  },
  {
    name: 'readFile of a URL',
    run: (folder) => fs.promises.readFile(pathToFileURL(file(folder)), 'utf8'),
    resource: 'readFile',
    tags: (folder) => ({ 'file.path': file(folder) }),
  },
  {
    name: 'readFile of a path in bytes',
    run: (folder) => fs.readFileSync(Buffer.from(file(folder)), 'utf8'),
    resource: 'readFileSync',
    tags: (folder) => ({ 'file.path': file(folder) }),
  },
  {
    name: 'writeFile',
    run: (folder, probe) => fs.writeFile(other(folder), 'x', probe.callback()),
    resource: 'writeFile',
  },
  { name: 'writeFileSync', run: (folder) => fs.writeFileSync(other(folder), 'x'), resource: 'writeFileSync' },
  { name: 'appendFileSync', run: (folder) => fs.appendFileSync(other(folder), 'x'), resource: 'appendFileSync' },
  {
    name: 'copyFile',
    run: (folder) => fs.promises.copyFile(file(folder), other(folder)),
    resource: 'copyFile',
    tags: (folder) => ({ 'file.src': file(folder), 'file.dest': other(folder) }),
  },
  {
    name: 'openSync',
    run: (folder) => typeof fs.openSync(file(folder), 'r', 0o600),
    resource: 'openSync',
    tags: (folder) => ({ 'file.path': file(folder), 'file.flag': 'r', 'file.mode': 0o600 }),
  },
  {
    name: 'fstat of a descriptor',
    run(_folder, probe) {
      const done = probe.callback()
      fs.fstat(0, (error) => done(error))
    },
    resource: 'fstat',
    tags: () => ({ 'file.descriptor': 0 }),
  },
  {
    name: 'chown',
    run: (folder) => fs.chownSync(file(folder), process.getuid!(), process.getgid!()),
    resource: 'chownSync',
    tags: () => ({ 'file.uid': process.getuid!(), 'file.gid': process.getgid!() }),
  },
  { name: 'readdir', run: (folder) => fs.promises.readdir(folder), resource: 'readdir' },
  {
    name: 'mkdir of several',
    run: (folder) => typeof fs.mkdirSync(join(folder, 'a/b'), { recursive: true }),
    resource: 'mkdirSync',
  },
  {
    name: 'rmSync of several',
    run: (folder) => fs.rmSync(join(folder, 'a'), { recursive: true, force: true }),
    resource: 'rmSync',
  },
  { name: 'cpSync', run: (folder) => fs.cpSync(file(folder), other(folder)), resource: 'cpSync' },
  { name: 'realpath.native', run: (folder) => fs.realpathSync.native(folder) === folder, resource: '', spans: 0 },
  { name: 'existsSync', run: (folder) => fs.existsSync(gone(folder)), resource: 'existsSync' },
  // By the `access` of its own that some versions of Node have.
  { name: 'exists', run: (folder) => promisify(fs.exists)(gone(folder)) },
  {
    name: 'an error to a callback',
    run(folder, probe) {
      const done = probe.callback()
      fs.readFile(gone(folder), (error) => done(message(error!)))
    },
    resource: 'readFile',
  },
  { name: 'an error to a promise', run: (folder) => fs.promises.stat(gone(folder)).catch(message), resource: 'stat' },
  {
    name: 'an error that nobody handles',
    run(_folder, probe) {
      void fs.promises.readFile('/dd-test-gone')
      return probe.unhandled()
    },
    resource: 'readFile',
  },
  { name: 'an error that is thrown', run: () => fs.readFileSync('/dd-test-gone'), resource: 'readFileSync' },
  {
    name: 'no callback',
    run: (folder) => (fs.readFile as unknown as (path: string) => void)(file(folder)),
    resource: 'readFile',
  },
]

describe('fs', () => {
  let folder: string
  let tracing: Tracing
  before(() => {
    folder = mkdtempSync(join(tmpdir(), 'dd-test-fs-'))
    writeFileSync(file(folder), 'hello')
  })
  after(() => rmSync(folder, { recursive: true }))

  /** Each row runs in a trace: there are no others. */
  const inTrace = rows.map(
    (row): Row => ({
      ...row,
      run: (subject, probe) => tracer.scope().activate(tracer.startSpan('request'), () => row.run(subject, probe)),
    }),
  )
  describeCallStyles<string, Row>('asked by', inTrace, {
    without: { open: () => folder },
    with: {
      before: async () => {
        tracing = await Tracing.start({ fs: true }, { partialFlushMinSpans: 1 })
      },
      open: () => {
        tracing.clear()
        return folder
      },
      async check({ resource, tags, spans: count = 1 }) {
        const spans = await tracing.spans()
        if (resource === undefined) return
        assert.deepEqual(
          spans.map((span) => [span.name, span.resource, span.error]),
          Array.from({ length: count }, () => ['fs.operation', resource, 0]),
        )
        const [span] = spans
        if (span === undefined) return
        assert.equal(span.service, 'test')
        assert.equal(span.meta['component'], 'fs')
        assert.equal(span.meta['span.kind'], 'internal')
        for (const [tag, value] of Object.entries(tags?.(folder) ?? {})) {
          assert.equal(span.meta[tag] ?? span.metrics[tag], value, tag)
        }
      },
      after: () => tracing.stop(),
    },
  })

  describe('in a program', () => {
    beforeEach(async () => {
      tracing = await Tracing.start({ fs: true, net: true, dns: true })
    })
    afterEach(() => tracing.stop())

    it('says nothing outside of a trace', async () => {
      await fs.promises.readFile(file(folder))
      fs.readFileSync(file(folder))
      assert.deepEqual(await tracing.spans(), [])
    })

    it('reaches who has imported by name, and leaves the caller where it was', async () => {
      await tracer.trace('request', async (span) => {
        await readFileByName(file(folder))
        assert.equal(tracer.activeSpan, span)
        await new Promise<void>((resolve) =>
          fs.readFile(file(folder), () => {
            assert.equal(tracer.activeSpan, span)
            resolve()
          }),
        )
      })
      const spans = await tracing.spans()
      assert.deepEqual(
        childrenOf(find(spans, 'request'), spans).map(({ resource }) => resource),
        ['readFile', 'readFile'],
      )
    })

    it('says nothing of the files that the tracer reads for itself, nor of its way to the Agent', async () => {
      await tracer.trace('request', async () => {
        // The first trace that ends makes the exporter, which loads its files and reads those of the container.
        tracer.trace('other', { childOf: null } as never, () => {})
        await tracer.flush()
      })
      const spans = await tracing.spans()
      assert.deepEqual(spans.map(({ name }) => name).sort(), ['other', 'request'])
    })

    it('says nothing of what it reads to patch a library', async () => {
      patch({ pg: true })
      const packages = new PackageFolder({
        'pg/package.json': { name: 'pg', version: '8.20.0', main: 'lib/client.js' },
        'pg/lib/client.js': 'module.exports = class { query() {} }',
      })
      tracer.trace('request', () => packages.require('pg'))
      removePackageFolders()
      const paths = (await tracing.spans()).map(({ meta }) => meta['file.path'] ?? '')
      assert.deepEqual(
        paths.filter((path) => path.endsWith('package.json') || path.startsWith(join(__dirname, '..', '..'))),
        [],
      )
    })

    it(`cuts paths to ${MAX_PATH_CHARS} characters`, async () => {
      const paths = [MAX_PATH_CHARS, MAX_PATH_CHARS + 1].map((chars) => `/${'x'.repeat(chars - 1)}`)
      tracer.trace('request', () => paths.map((path) => fs.existsSync(path)))
      const spans = (await tracing.spans()).filter(({ name }) => name === 'fs.operation')
      assert.deepEqual(
        spans.map(({ meta }) => meta['file.path']),
        [paths[0], paths[0]],
      )
    })
  })
})
