// node-red: flows drawn in an editor, on Express 4, ws and got; deployed by its admin API and called.

import type { Asker } from '../asker'
import type { ServerProgram } from '../program'
import { WebSocketTalk } from './web-socket-talk'

const SETTINGS = `
module.exports = {
  uiHost: '127.0.0.1',
  uiPort: Number(process.env.PORT),
  userDir: __dirname,
  flowFile: 'flows.json',
  credentialSecret: 'everyday',
  telemetry: { enabled: false, updateNotification: false },
  editorTheme: { tours: false },
  functionExternalModules: false,
  logging: { console: { level: 'info', metrics: false, audit: false } },
}
`

interface Node {
  readonly id: string
  readonly type: string
  readonly wires?: readonly (readonly string[])[]
  readonly [property: string]: unknown
}

function flow(port: number): readonly Node[] {
  // What has no place in the editor is no node of a flow.
  const at = { z: 'shop', x: 1, y: 1 }
  const endpoint = (id: string, method: string, url: string, next: string): Node => ({
    ...{ id, type: 'http in', url, method, upload: false, swaggerDoc: '', wires: [[next]] },
    ...at,
  })
  const work = (id: string, func: string, next = 'answer'): Node => ({
    ...{ id, type: 'function', name: id, func, outputs: 1, wires: [[next]], libs: [] },
    ...at,
  })
  return [
    { id: 'shop', type: 'tab', label: 'Shop', disabled: false, info: '' },
    endpoint('hello-in', 'get', '/hello/:name', 'greet'),
    work('greet', 'msg.payload = { greeting: "hello " + msg.req.params.name, query: msg.req.query }; return msg'),
    endpoint('sum-in', 'post', '/sum', 'sum'),
    work(
      'sum',
      'msg.statusCode = 201; msg.payload = String((msg.payload.numbers || []).reduce((a, b) => a + b, 0)); return msg',
    ),
    endpoint('slow-in', 'get', '/slow', 'wait'),
    work('wait', 'setTimeout(() => { msg.payload = "slow"; node.send(msg) }, 20)'),
    endpoint('call-in', 'get', '/call', 'call'),
    {
      ...{ id: 'call', type: 'http request', method: 'GET', ret: 'txt', url: `http://127.0.0.1:${port}/hello/flow` },
      ...{ paytoqs: 'ignore', tls: '', persist: false, proxy: '', authType: '', senderr: false, headers: [] },
      ...{ wires: [['answer']] },
      ...at,
    },
    endpoint('fail-in', 'get', '/fail', 'fail'),
    work('fail', 'throw new Error("this always fails")'),
    { id: 'caught', type: 'catch', name: '', scope: ['fail'], uncaught: false, wires: [['sorry']], ...at },
    work('sorry', 'msg.statusCode = 500; msg.payload = "sorry: " + msg.error.message; return msg'),
    { id: 'answer', type: 'http response', name: '', statusCode: '', headers: {}, wires: [], ...at },
  ]
}

async function deploy(asker: Asker, flows: readonly Node[]): Promise<void> {
  const headers = { 'node-red-api-version': 'v2', 'node-red-deployment-type': 'full' }
  const { body } = await asker.send('GET /flows', { headers })
  const { rev } = JSON.parse(String(body)) as { rev: string }
  await asker.send('POST /flows', { headers, json: { flows, rev }, route: '/flows' })
  await asker.send('POST /flows', { headers, json: { flows, rev: 'of yesterday' } })
}

export const nodeRed: ServerProgram = {
  name: 'node-red',
  about: 'flow editor: its pages and admin API, a flow deployed and called, its WebSocket',
  packages: { 'node-red': '4.1.8' },
  service: 'node-red',
  prepare: (home) => home.write('settings.js', SETTINGS),
  start: (home) => ({
    args: [home.command('node-red'), '--settings', home.file('settings.js'), '--userDir', home.path],
    env: { PORT: String(home.port) },
  }),
  ready: /Started flows/,
  async ask(asker, home) {
    await asker.send('GET /')
    await asker.send('GET /red/red.min.js', { headers: { 'accept-encoding': 'gzip' } })
    await asker.send('GET /settings', { route: '/settings' })
    await asker.send('GET /nodes', { headers: { accept: 'application/json' }, route: '/nodes' })
    await asker.send('GET /nodes', { headers: { accept: 'text/html' } })
    await asker.send('GET /locales/editor?lng=en-US')
    const editor = await WebSocketTalk.open(asker, home, '/comms')
    editor.say('{"subscribe":"notification/#"}')
    await deploy(asker, flow(home.port))
    // The answer comes before the flows have started.
    await editor.hears(/"state":"stop"[\s\S]*"state":"start"/)
    await asker.send('GET /hello/ann?loud=true', { route: '/hello/:name' })
    await asker.send('POST /sum', { json: { numbers: [1, 2, 3] }, route: '/sum' })
    await asker.send('POST /sum', { body: 'numbers', headers: { 'content-type': 'text/plain' } })
    await asker.send('GET /slow', { route: '/slow' })
    await asker.send('GET /call', { route: '/call', spans: ['http.request GET', 'express.request GET /hello/:name'] })
    await asker.send('GET /fail', { route: '/fail' })
    await asker.send('GET /missing')
    await asker.send('GET /flow/shop', { route: '/flow/:id' })
    await asker.send('GET /flow/other')
    await asker.send('PUT /flow/shop', { json: { id: 'shop', label: 'Later', nodes: [], configs: [] } })
    await asker.send('DELETE /flow/shop')
    await asker.send('POST /inject/nothing')
    await editor.close()
    const topics = new Set(String(editor.heard).match(/notification\/[\w-]+/g))
    asker.note('the editor hears', [...topics].sort())
    await asker.together(
      Array.from({ length: 10 }, () => 'GET /settings'),
      { route: '/settings' },
    )
  },
  varies: {
    // A number that is made at each start keeps browsers from using old scripts, and its page has an ETag.
    headers: ['etag'],
    bodies: [[/\?v=[0-9a-f]+/g, '?v=*']],
    output: [[/\d+ \w{3} (?=\d\d:)/g, '']],
    // Its flows and its server start side by side.
    lines: 'in any order',
  },
}
