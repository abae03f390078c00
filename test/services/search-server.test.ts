// That the search servers which the other tests get are real ones.

import { strict as assert } from 'node:assert'
import { greet } from './greeting'
import { describeWith, elasticsearch7, elasticsearch8, opensearch } from './index'

for (const [service, version] of [
  [elasticsearch7, /^7\./],
  [elasticsearch8, /^8\./],
  [opensearch, /^[23]\./],
] as const) {
  describeWith(service, `${service.name} for the tests`, (server) => {
    it('finds what it was given', async () => {
      const { hostname, port } = new URL(server().url)
      const document = '{"colour":"vermilion"}'
      const head = 'PUT /dd-test-itself/_doc/1?refresh=true HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n'
      const type = `Content-Type: application/json\r\nContent-Length: ${document.length}\r\n\r\n`
      await greet(hostname, Number(port), { send: head + type + document, expect: /"(?:created|updated)"/ })
      const found = await greet(hostname, Number(port), {
        send: 'GET /dd-test-itself/_search?q=colour:vermilion HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n',
        expect: /"_source":\{"colour":"(\w+)"\}/,
      })
      assert.equal(found, 'vermilion')
      assert.match(server().version, version)
    })
  })
}
