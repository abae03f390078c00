// Names of peers with addresses in them, and what is left of them. The cases are those of the Agent's behaviour: an address in any
// notation goes, its port stays, what only looks like one is left alone.

import { strict as assert } from 'node:assert'
import { withoutAddresses } from '../../../src/export/stats/peer-address'

const BLOCKED = 'blocked-ip-address'

describe('a name of a peer', () => {
  const cases: [title: string, name: string, left: string][] = [
    ['nothing', '', ''],
    ['a name', 'db.internal', 'db.internal'],
    ['a name with a port', 'db.internal:5432', 'db.internal:5432'],
    ['loopback', '127.0.0.1', '127.0.0.1'],
    ['loopback with a port', '127.0.0.1:5432', '127.0.0.1:5432'],
    ['loopback of IPv6', '::1', '::1'],
    ['a metadata server', '169.254.169.254', '169.254.169.254'],
    ['an address', '10.20.30.40', BLOCKED],
    ['an address with a port', '10.20.30.40:443', `${BLOCKED}:443`],
    ['an address of IPv6', '2001:db8::17', BLOCKED],
    ['an address of IPv6 with a port', '[fe80::1]:8080', `${BLOCKED}:8080`],
    ['an address with dashes', '10-20-30-40', BLOCKED],
    ['an address with underscores', '10_20_30_40', BLOCKED],
    ['an address that is part of a name', '10-20-30-40.pods.cluster.local', `${BLOCKED}.pods.cluster.local`],
    ["a cloud's name of a machine", 'ip-10-20-30-40.ec2.internal', `ip-${BLOCKED}.ec2.internal`],
    ['an address behind a scheme', 'http://10.20.30.40:80', `http://${BLOCKED}:80`],
    ['an address behind three slashes', 'dnspoll:///10.20.30.40:80', `dnspoll:///${BLOCKED}:80`],
    ['numbers that are too large', '10-20-30-999', '10-20-30-999'],
    ['too few numbers', '10-20-30.example', '10-20-30.example'],
    ['a version', '1.2.3', '1.2.3'],
    ['many', '10.0.0.1:53,10.0.0.2:53,10.0.0.3,db', `${BLOCKED}:53,${BLOCKED},db`],
  ]
  for (const [title, name, left] of cases) {
    it(`that is ${title}`, () => {
      assert.equal(withoutAddresses(name), left)
      // From memory too.
      assert.equal(withoutAddresses(name), left)
    })
  }
})
