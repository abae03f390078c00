// That the MariaDB which the other tests get is a real one: it greets, and does so again for a second connection.

import { strict as assert } from 'node:assert'
import { greet } from './greeting'
import { describeWith, mariadb } from './index'

describeWith(mariadb, 'MariaDB for the tests', (server) => {
  it('answers', async () => {
    const { hostname, port } = new URL(server().url)
    const password = await greet(hostname, Number(port), { expect: /(mysql_native_password)/ })
    assert.equal(password, 'mysql_native_password')
    assert.match(server().version, /^\d+\.\d+/)
  })
})
