// All the cases of the HTTP API that are written down for machines, each by a call of the real client over a real socket: those that came with
// the API's description, and further ones of ours for what they leave out.

import { strict as assert } from 'node:assert'
import { join } from 'node:path'
import { skipNamed } from '../services'
import { repoRoot } from '../support/repo-root'
import { httpApiCases } from '../support/vectors/http-api/http-api-cases'

for (const file of ['http-api.json', 'http-api-further.json']) {
  describe(`the vectors of ${file}`, () => {
    for (const { title, play } of httpApiCases(join(repoRoot, 'test', 'vectors', file))) {
      it(title, async function () {
        const { result, reason = '' } = await play()
        // Nothing but the past is left out of these.
        if (result === 'skipped' && /the original client/.test(reason)) return skipNamed(this, reason, undefined, true)
        assert.deepEqual([result, reason], ['passed', ''])
      })
    }
  })
}
