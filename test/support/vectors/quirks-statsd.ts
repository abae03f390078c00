// What is right where pystatsd's behaviour is not to be copied.

import { NO_PACKET } from './quirks-dogstatsd'
import type { Quirks } from './run-vectors'

const ONE_NAME = 'what has a meaning in a packet becomes _'
const PLAIN = 'servers read exponents wrongly'

export const quirks: Quirks['quirks'] = {
  'st-033': { expect: ['foo:a_b_c|s'], reason: ONE_NAME },
  'st-047': { expect: ['p.a:1|c'], reason: 'exactly one dot' },
  'st-051': { expect: ['a:1|c|@0.00001'], reason: PLAIN },
  'st-055': { expect: ['foo:10000000000000000|c'], reason: PLAIN },
  'st-058': { expect: [], reason: NO_PACKET },
  'st-059': { expect: [], reason: NO_PACKET },
  'st-060': { expect: [], reason: NO_PACKET },
  'st-063': { expect: [], reason: NO_PACKET },
  'st-065': { expect: ['a_b_c:1|c'], reason: ONE_NAME },
  'st-066': { expect: ['a_b:1|c'], reason: ONE_NAME },
  'st-067': { expect: ['café:1|c'], reason: 'names are UTF-8' },
}
