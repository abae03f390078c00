// verdaccio: a registry for npm packages, on Express 4, pino and got, with an uplink that is out of reach.

import { createHash } from 'node:crypto'
import { gzipSync } from 'node:zlib'
import type { ServerProgram } from '../program'

const CONFIGURATION = `
storage: ./storage
auth: { htpasswd: { file: ./htpasswd, max_users: 10, algorithm: sha1 } }
uplinks: { away: { url: 'http://127.0.0.1:9/', timeout: 1s, max_fails: 1, agent_options: { keepAlive: false } } }
packages:
  'away-*': { access: $all, publish: $authenticated, proxy: away }
  '**': { access: $all, publish: $authenticated, unpublish: $authenticated }
server: { keepAliveTimeout: 60 }
web: { title: Everyday }
log: { type: stdout, format: json, level: http }
`

const CONFIGURATION_FILE = 'verdaccio.yaml'

/** What `npm publish` sends. */
function publication(name: string, version: string) {
  const tarball = gzipSync(Buffer.from(`the files of ${name} ${version}`.repeat(2000)))
  const shasum = createHash('sha1').update(tarball).digest('hex')
  const integrity = `sha512-${createHash('sha512').update(tarball).digest('base64')}`
  const file = `${name}-${version}.tgz`
  const dist = { shasum, integrity, tarball: `http://127.0.0.1/${name}/-/${file}` }
  return {
    _id: name,
    name,
    'dist-tags': { latest: version },
    versions: { [version]: { name, version, description: 'a kit for shops', readme: '# Kit', dist } },
    access: null,
    _attachments: {
      [file]: { content_type: 'application/octet-stream', data: tarball.toString('base64'), length: tarball.length },
    },
  }
}

export const verdaccio: ServerProgram = {
  name: 'verdaccio',
  about: 'package registry: log in, publish, install, search, tags, an uplink that is away',
  packages: { verdaccio: '6.8.0' },
  // A dependency asks for it by a tag, which not every mirror of the registry has.
  overrides: { 'node-fetch': '2.6.7' },
  service: 'verdaccio',
  prepare: (home) => home.write(CONFIGURATION_FILE, CONFIGURATION),
  start: (home) => ({
    args: [home.command('verdaccio'), '--config', CONFIGURATION_FILE, '--listen', `127.0.0.1:${home.port}`],
  }),
  ready: /http address/,
  async ask(asker) {
    // What hands an error on: no right, there already, not there.
    const refused = { errors: /middleware (<anonymous>|router)$/ }
    const npm = { 'user-agent': 'npm/10.9.9 node/v20.20.2 linux x64 workspaces/false' }
    await asker.send('GET /-/ping', { route: '/-/ping' })
    await asker.send('GET /')
    await asker.send('GET /-/static/favicon.ico')
    await asker.send('GET /-/whoami', { headers: npm })
    const login = await asker.send('PUT /-/user/org.couchdb.user:ann', {
      headers: npm,
      json: { name: 'ann', password: 'secret-words-1', email: 'ann@example.com', type: 'user', roles: [] },
    })
    const { token } = JSON.parse(String(login.body)) as { token: string }
    const ann = { headers: { ...npm, authorization: `Bearer ${token}` } }
    await asker.send('GET /-/whoami', ann)
    await asker.send('PUT /shop-kit', { headers: npm, json: publication('shop-kit', '1.0.0'), ...refused })
    await asker.send('PUT /shop-kit', {
      ...ann,
      json: publication('shop-kit', '1.0.0'),
      route: '/:package/:_rev?/:revision?',
    })
    await asker.send('PUT /shop-kit', { ...ann, json: publication('shop-kit', '1.1.0') })
    await asker.send('PUT /shop-kit', { ...ann, json: publication('shop-kit', '1.1.0'), ...refused })
    await asker.send('PUT /@shop%2fscoped', { ...ann, json: publication('@shop/scoped', '2.0.0') })
    await asker.send('GET /shop-kit', { headers: { ...npm, accept: 'application/vnd.npm.install-v1+json' } })
    await asker.send('GET /shop-kit', { headers: { ...npm, 'accept-encoding': 'gzip' } })
    await asker.send('GET /shop-kit/1.0.0', { headers: npm })
    await asker.send('GET /@shop%2fscoped', { headers: npm })
    await asker.send('GET /shop-kit/-/shop-kit-1.0.0.tgz', { headers: npm })
    await asker.send('GET /shop-kit/-/shop-kit-9.0.0.tgz', { headers: npm })
    await asker.send('GET /-/package/shop-kit/dist-tags', { headers: npm })
    await asker.send('PUT /-/package/shop-kit/dist-tags/beta', { ...ann, json: '1.0.0' })
    await asker.send('GET /-/v1/search?text=shop&size=20', {
      headers: npm,
      spans: ['http.request GET'],
      errors: /^http.request GET$/,
    })
    await asker.send('GET /-/all', { headers: npm })
    await asker.send('GET /nothing', { headers: npm, ...refused })
    // The uplink has failed before: it is left alone for two minutes.
    await asker.send('GET /away-kit', { headers: npm, ...refused })
    await asker.send('GET /-/verdaccio/data/packages')
    await asker.send('GET /-/verdaccio/data/sidebar/shop-kit')
    await asker.send('POST /-/npm/v1/security/advisories/bulk', { headers: npm, json: { 'shop-kit': ['1.0.0'] } })
    await asker.send('DELETE /shop-kit/-rev/1', ann)
    await asker.send('GET /shop-kit', { headers: npm, ...refused })
    await asker.send('PUT /-/user/org.couchdb.user:ann', {
      headers: npm,
      json: { name: 'ann', password: 'wrong' },
      ...refused,
    })
    await asker.together(
      Array.from({ length: 20 }, () => 'GET /@shop%2fscoped'),
      { headers: npm },
    )
  },
  varies: {
    // Of documents that have the time of their publication, or a token, in them.
    headers: ['etag', 'x-ratelimit-reset'],
    bodies: [
      [/\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z/g, '<time>'],
      [/"(_rev|token|time)":( ?)"[^"{]*"/g, '"$1":$2"*"'],
    ],
    output: [
      [/"(time|pid|latency|responseTime|remotePort)":[\d.]+/g, '"$1":0'],
      // The length of a document with a time in it, compressed.
      [/("out":|bytes: 0\/)\d+/g, '$1*'],
      [/"dd":\{[^}]*\},/g, ''],
    ],
    lines: 'in any order',
  },
}
