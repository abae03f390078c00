// The stand-in for a route: the shape of a path, without its values, where it is wanted and no framework has named the route.

import { strict as assert } from 'node:assert'
import { once } from 'node:events'
import http from 'node:http'
import type { AddressInfo } from 'node:net'
import { endpointOf } from '../../plugins/http/endpoint'
import type { InitOptions } from '../../src'
import { Tracing } from '../support/tracing'

type Express = () => { get(path: string, handler: http.RequestListener): http.RequestListener }
const express = require('express') as Express

const ROWS: [path: string, endpoint: string][] = [
  ['', '/'],
  ['/', '/'],
  ['//', '/'],
  ['/users', '/users'],
  ['/users/', '/users'],
  ['/users//list', '/users/list'],
  ['/users/42', '/users/{param:int}'],
  ['/users/10', '/users/{param:int}'],
  ['/users/7', '/users/7'],
  ['/users/07', '/users/07'],
  ['/users/007', '/users/{param:int_id}'],
  ['/a/1-2', '/a/{param:int_id}'],
  ['/a/1.', '/a/1.'],
  ['/a/1.2', '/a/{param:int_id}'],
  ['/a/---', '/a/---'],
  ['/a/2024-01-02', '/a/{param:int_id}'],
  ['/a/abc12', '/a/abc12'],
  ['/a/abc123', '/a/{param:hex}'],
  ['/a/ABCDE1', '/a/{param:hex}'],
  ['/a/abcdef', '/a/abcdef'],
  ['/a/abc-12', '/a/{param:hex_id}'],
  ['/a/abc-1', '/a/abc-1'],
  ['/a/123e4567-e89b-12d3-a456-426614174000', '/a/{param:hex_id}'],
  [`/a/${'x'.repeat(19)}`, `/a/${'x'.repeat(19)}`],
  [`/a/${'x'.repeat(20)}`, '/a/{param:str}'],
  ...[..."%&'()*+,:=@"].map((char): [string, string] => [`/a/x${char}`, '/a/{param:str}']),
  ['/a/~x', '/a/~x'],
  ['/v1/api/7x', '/v1/api/7x'],
  ['/1/2/3/4/5/6/7/8/9', '/1/2/3/4/5/6/7/8'],
  ['/10/11/12/13/14/15/16/17/secret', '/{param:int}'.repeat(8)],
  ['/a?b=/42', '/a'],
  ['/a#/42', '/a'],
]

describe('the endpoint of a path', () => {
  for (const [path, endpoint] of ROWS) {
    it(`is ${endpoint} for ${path || 'nothing'}`, () => {
      assert.equal(endpointOf(path), endpoint)
      assert.equal(endpointOf(`http://host:80${path}`), endpoint)
    })
  }

  it('takes no time to speak of, whatever the path', () => {
    for (const text of ['1-', 'a', '/', '.', '%', 'a1', '-'].map((part) => part.repeat(16_384 / part.length))) {
      assert.ok(endpointOf(`/${text}x`).length <= 16_400)
    }
  })
})

describe('the endpoint of a request', () => {
  let tracing: Tracing
  afterEach(() => tracing.stop())
  const tagsOf = async (options: InitOptions, handler: http.RequestListener, path: string) => {
    tracing = await Tracing.start({ http: { client: false }, express: true }, options)
    const server = http.createServer(handler).listen(0, '127.0.0.1')
    await once(server, 'listening')
    const request = http.get({ host: '127.0.0.1', port: (server.address() as AddressInfo).port, agent: false, path })
    const [response] = (await once(request, 'response')) as [http.IncomingMessage]
    await once(response.resume(), 'close')
    server.close()
    const root = (await tracing.spans()).find(({ parent_id }) => BigInt(parent_id) === 0n)
    return [root?.resource, root?.meta['http.endpoint'], root?.meta['http.route']]
  }
  const plain: http.RequestListener = (_request, response) => void response.end()
  const app = () => express().get('/users/:id', (_request, response) => void response.end())
  const on = { resourceRenaming: true }

  it('is a tag where it is wanted', async () =>
    assert.deepEqual(await tagsOf(on, plain, '/users/42?token=1'), ['GET', '/users/{param:int}', undefined]))
  it('is no tag unless it is wanted', async () =>
    assert.deepEqual(await tagsOf({}, plain, '/users/42'), ['GET', undefined, undefined]))
  it('gives way to a route', async () =>
    assert.deepEqual(await tagsOf(on, app(), '/users/42'), ['GET /users/:id', undefined, '/users/:id']))
  it('is there where no route matched', async () =>
    assert.deepEqual(await tagsOf(on, app(), '/other/42'), ['GET', '/other/{param:int}', undefined]))
})
