// Every way to ask with Node's `http` looks the same to the program and to the server with and without `dd`, but for the trace headers; and
// each request is one span that holds no credentials.

import { strict as assert } from 'node:assert'
import { describeCallStyles } from '../support/call-styles'
import { Tracing } from '../support/tracing'
import { PASSWORD } from './http-client-forms'
import { type Row, rows } from './http-client-rows'
import { arrived, clientOnly, openSite, type Site } from './http-site'
import { summary } from './http-span'

describe('http client', () => {
  const site = openSite()
  let tracing: Tracing

  const open = () => {
    arrived.length = 0
    return site
  }

  describeCallStyles<Site, Row>('gives the same for', rows, {
    without: {
      open,
      close: () =>
        assert.deepEqual(
          arrived.filter((headers) => Object.keys(headers).length > 2),
          [],
        ),
    },
    with: {
      before: async () => {
        tracing = await Tracing.start(clientOnly)
      },
      open: async () => {
        // What a row before has left behind.
        await tracing.spans()
        tracing.clear()
        return open()
      },
      async check({ spans = ['GET 200'], bare = false }) {
        const received = await tracing.spans()
        assert.deepEqual(received.map(summary), spans)
        assert.doesNotMatch(JSON.stringify(received.map(({ meta }) => meta)), new RegExp(PASSWORD))
        const known = new Set(received.map(({ trace_id, span_id }) => `${trace_id}/${span_id}`))
        for (const headers of arrived) {
          if (bare) assert.deepEqual(headers, {})
          else assert.ok(known.delete(`${headers['x-datadog-trace-id']}/${headers['x-datadog-parent-id']}`))
        }
      },
      after: () => tracing.stop(),
    },
  })
})
