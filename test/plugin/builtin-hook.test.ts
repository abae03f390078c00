// That a plugin of a dear builtin module waits for the program to load it, however it does, and does not make it load.

import { strict as assert } from 'node:assert'
import { join } from 'node:path'
import { runNode } from '../support/spawn'

const source = join(__dirname, '..', '..', 'src')
const PRELOAD = `
const { beforeBuiltinLoads } = require(${JSON.stringify(join(source, 'plugin', 'builtin-hook.js'))})
let told = 0
beforeBuiltinLoads('http2', () => { told++; require('http2').marked = true })
const isLoaded = () => process.moduleLoadList.includes('NativeModule http2')
`

describe('a builtin module that is waited for', () => {
  const print = async (code: string, execArgv: string[] = []) => {
    const { stdout, stderr, code: exitCode } = await runNode({ code: PRELOAD + code, execArgv })
    assert.deepEqual([exitCode, stderr], [0, ''])
    return stdout.trim()
  }

  it('is not loaded by waiting for it', async () => {
    assert.equal(await print('require("fs"); require("node:os"); console.log(told, isLoaded())'), '0 false')
  })

  for (const name of ['http2', 'node:http2']) {
    it(`is told once, before ${name} is required`, async () => {
      const code = `console.log(told, require('${name}').marked, require('http2').marked, told)`
      assert.equal(await print(code), '0 true true 1')
    })
  }

  it('is told where it is asked of the process', async function () {
    if (process.getBuiltinModule === undefined) return this.skip()
    const code = `console.log(process.getBuiltinModule('node:http2').marked, told, process.getBuiltinModule.name)`
    assert.equal(await print(code), 'true 1 getBuiltinModule')
  })

  it('is told where another one has brought it', async () => {
    const code = `beforeBuiltinLoads('https', () => require('https'))
      beforeBuiltinLoads('tls', () => { told = 'tls' })
      require('https')
      console.log(told)`
    assert.equal(await print(code), 'tls')
  })

  it('is told at once where it is loaded already', async () => {
    const code = `require('http2'); beforeBuiltinLoads('http2', () => console.log('at once')); console.log('then')`
    assert.equal(await print(code), 'at once\nthen')
  })

  it('is forgotten where the waiting is stopped', async () => {
    const code = `beforeBuiltinLoads('http2', () => { told = 7 })(); console.log(require('http2').marked, told)`
    assert.equal(await print(code), 'undefined 0')
  })

  it('leaves the load function as it looks', async () => {
    const code = `const { _load } = require('module'); console.log(JSON.stringify([_load.name, _load.length]))`
    assert.equal(await print(code), (await runNode({ code })).stdout.trim())
  })

  const isTraced = `String(get).includes('traced')`
  const traced: [title: string, code: string][] = [
    ['required', `const { get } = require('http'); console.log(${isTraced})`],
    ['imported in the middle of a program', `import('node:http').then(({ get }) => console.log(${isTraced}))`],
    [
      'asked of the process',
      `const { get } = process.getBuiltinModule?.('http') ?? require('http'); console.log(${isTraced})`,
    ],
    ['loaded with https', `const { get } = require('https'); console.log(${isTraced})`],
    [
      'loaded with https, whose events are of its classes',
      `require('https'); const { ClientRequest } = require('_http_client')
       console.log(Object.hasOwn(ClientRequest.prototype, 'emit'))`,
    ],
    [
      'loaded in parts',
      `const { IncomingMessage } = require('_http_incoming'); console.log(Object.hasOwn(IncomingMessage.prototype, 'emit'))`,
    ],
  ]
  for (const [title, code] of traced) {
    it(`is patched where http is ${title}`, async () => {
      const { stdout } = await runNode({ code, execArgv: ['--require', join(source, 'init.js')] })
      assert.equal(stdout, 'true\n')
    })
  }

  it('is patched for a program of ES modules by dd/register', async () => {
    const code = `import http2, { connect } from 'node:http2'
      console.log(connect === http2.connect, String(connect).includes('guarded'))`
    const { stdout, stderr } = await runNode({
      code,
      module: 'esm',
      execArgv: ['--import', join(source, 'register.js')],
    })
    assert.deepEqual([stdout, stderr], ['true true\n', ''])
  })
})
