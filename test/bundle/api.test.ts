// `dd/api` alone in a bundle of esbuild's: what it is made of, how large it is, and that it works there.

import { strict as assert } from 'node:assert'
import { createServer, type Server } from 'node:http'
import { isBuiltin } from 'node:module'
import { join } from 'node:path'
import { build, stop } from 'esbuild'
import { ExampleFolder } from '../support/example-folder'
import { listen, shut } from '../support/loopback'
import { runNode } from '../support/spawn'

const PROGRAM = `
import { DogHttpApi, isError } from 'dd/api'
new DogHttpApi().event('Deployed', 'in a bundle').then((id) => console.log(isError(id) ? id.errors : id))
`

const MAX_BYTES = 40_000

describe('dd/api in a bundle', () => {
  const folder = new ExampleFolder('api')
  const src = join(folder.path, 'node_modules', 'dd', 'dist', 'src')
  let server: Server
  let userAgent: string | undefined
  let url: string
  before(async () => {
    server = createServer((request, response) => {
      userAgent = request.headers['user-agent']
      response.writeHead(202).end('{"event":{"id":6327818702635911562}}')
    })
    url = `http://127.0.0.1:${await listen(server)}`
  })
  after(async () => {
    await stop()
    await shut(server)
    folder.remove()
  })

  async function bundle(file: string, outfile = 'out.cjs') {
    const { warnings, metafile } = await build({
      entryPoints: [file],
      absWorkingDir: folder.path,
      outfile: join(folder.path, outfile),
      bundle: true,
      platform: 'node',
      minify: true,
      metafile: true,
      logLevel: 'silent',
    })
    assert.deepEqual(warnings, [])
    const [output] = Object.values(metafile.outputs)
    return { files: Object.keys(metafile.inputs), imports: output?.imports ?? [], bytes: output?.bytes ?? 0 }
  }

  it('is small, and nothing but one file', async () => {
    const { files, imports, bytes } = await bundle(join(src, 'alone', 'api.js'))
    assert.deepEqual(
      imports.filter(({ path }) => !isBuiltin(path)),
      [],
    )
    assert.deepEqual(
      files.map((file) => /\/src\/([\w/-]+\.js)$/.exec(file)?.[1] ?? file),
      ['alone/api.js'],
    )
    assert.ok(bytes <= MAX_BYTES, `${bytes} bytes`)
  })

  it('works there, and knows its own version', async () => {
    folder.write('program.mjs', PROGRAM)
    await bundle(join(folder.path, 'program.mjs'), 'program.cjs')
    // The version of a program is not that of the client in it.
    folder.write('package.json', JSON.stringify({ name: 'shop', version: '9.9.9' }))
    const env = { DATADOG_HOST: url, DD_API_KEY: 'a'.repeat(32) }
    const { code, stdout, stderr } = await runNode({ file: join(folder.path, 'program.cjs'), cwd: folder.path, env })
    assert.deepEqual([code, stdout, stderr], [0, '6327818702635911562\n', ''])
    assert.match(userAgent ?? '', /^dd-node\/\d+\.\d+\.\d+ /)
    assert.doesNotMatch(userAgent ?? '', /9\.9\.9/)
  })
})
