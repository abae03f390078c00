// A server of Node's `http` puts the same bytes on the wire with and without `dd`, however it answers, and has the spans that it should.

import { strict as assert } from 'node:assert'
import { describeCallStyles } from '../support/call-styles'
import { shut } from '../support/loopback'
import { Tracing } from '../support/tracing'
import { serverOnly } from '../support/web-framework'
import { type Row, rows } from './http-server-rows'
import { type Serving, serve } from './http-serving'
import { summary } from './http-span'

describe('http server', () => {
  let tracing: Tracing

  const open = () => serve()
  const close = ({ server }: Serving) => shut(server)

  describeCallStyles<Serving, Row>('answers', rows, {
    without: { open, close },
    with: {
      before: async () => {
        tracing = await Tracing.start(serverOnly)
      },
      open: async () => {
        // What a row before has left behind.
        await tracing.spans()
        tracing.clear()
        return open()
      },
      async check({ spans = ['GET 200'], message }) {
        const received = await tracing.spans()
        assert.deepEqual(received.map(summary), spans)
        assert.equal(received[0]?.meta['error.message'], message)
      },
      close,
      after: () => tracing.stop(),
    },
  })
})
