// What is right where the behaviour of datadogpy, hot-shots and datadog-go is not to be copied, and what of it is not followed because
// other vectors, or the servers themselves, say otherwise.

import type { Quirks } from './run-vectors'

export const NO_PACKET = 'a packet cannot carry it: dropped and counted'
const ONE_SERIES = 'a series is its kind, name, sorted tags and cardinality'

export const quirks: Quirks['quirks'] = {
  'ds-011': { expect: ['x:1|c|#a\n'], reason: 'empty tags go' },
  'ds-021': { expect: [], reason: NO_PACKET },
  'ds-028': { expect: [], reason: NO_PACKET },
  'ds-030': { expect: ['x:1|c\n'], reason: 'the Agent does not know it' },
  'ds-039': { expect: ['s:x|s\n', 'g:2|g\n', 'c:5|c|#a,b\n'], reason: ONE_SERIES },
  'ds-042': { expect: ['c:12|c\n'], reason: 'each call stands for 1/rate' },
  'ds-043': { expect: ['g:1|g|T100\n', 'g:2|g|T200\n', 'g:3|g\n'], reason: 'points with a time are not merged' },
  'ds-044': { expect: ['s:1|s|card:low\n', 'g:1|g|card:low\n', 'g:2|g|card:high\n'], reason: ONE_SERIES },
  'ds-059': { expect: [], reason: 'a rate of 0 never sends' },
  'ds-062': {
    expect: [],
    throws: { at: 0, error: 'TypeError' },
    reason: 'only gauges and counts have a time in the protocol',
  },
  'ds-063': { expect: [], reason: NO_PACKET },
  'ds-064': { expect: ['x:1000000000000000000000|g'], reason: 'plain digits' },
  'ds-065': { expect: ['x:123456789012345678901234567890|c'], reason: 'bigints are exact' },
  'ds-066': { expect: ['x:a_b:c_d|s'], reason: 'what has a meaning in a packet becomes _' },
  'ds-085': { expect: ['c:3|c'], reason: NO_PACKET },
  'ev-011': { expect: [], throws: { at: 0, error: 'TypeError' }, reason: 'the Agent refuses an event without a title' },
  'ev-015': { expect: ['_e{3,6}:té|☃☃'], reason: 'lengths are bytes' },
  'ev-017': { expect: ['_e{1,1}:T|B'], reason: 'a title is no name of a metric' },
  'ev-018': { expect: ['_e{4,1}:a\\nb|x'], reason: 'a newline would end the event' },
  'sc-005': { expect: [], throws: { at: 0, error: 'TypeError' }, reason: 'the Agent refuses it' },
  'sc-007': { expect: ['_sc|n|1|d:5|h:h|#x|m:a\\nb m\\: c'], reason: 'a newline would end the check' },
}

export const notFollowed: Quirks['notFollowed'] = {
  'ds-070': 'Telegraf splits a line at every colon, so that one in a tag spoils the line: ours is x,a=b_c:1|c',
  'ds-076': 'a line above the bound is dropped and counted, as in ds-122',
  'ds-080': 'a call with a rate is added up with 1/rate, as in ds-149',
  'ds-118': 'what a tag cannot have becomes _, newlines among it, as in ds-009',
}
