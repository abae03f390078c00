// Every application of Express 5 and Express 4 puts the same bytes on the wire with and without `dd`, its requests are named after their
// routes, and each middleware is a span where it belongs.

import { strict as assert } from 'node:assert'
import type { RequestListener } from 'node:http'
import { find } from '../support/agent'
import { type CallStyle, describeCallStyles } from '../support/call-styles'
import { describeLibrary } from '../support/library'
import { ask, shut } from '../support/loopback'
import { Tracing } from '../support/tracing'
import { withoutStack } from '../support/web-framework'
import { type AppRow, type Express, shapeOf, traced, versions } from './express-app'
import { rowsOf } from './express-rows'
import { type Serving, serve } from './http-serving'

interface Row extends CallStyle<Serving> {
  /** The tree of spans: `resource status (children)`, with the errors. */
  readonly spans: string
  /** The error of the request. */
  readonly message?: string | undefined
}

const asked =
  (build: AppRow[1], load: () => Express, line: string) =>
  async ({ server, port }: Serving) => {
    const express = load()
    const app = express().set('env', 'test')
    build(app, express)
    server.on('request', app as RequestListener)
    const body = line.startsWith('POST') ? '{"a":1}' : ''
    return withoutStack(await ask(port, line, body ? ['content-type: application/json'] : [], body))
  }

describeLibrary('express', versions, ({ major, version: release, load }) => {
  let tracing: Tracing
  const close = ({ server }: Serving) => shut(server)
  const rows = rowsOf(major as 4 | 5, release === '4.6.0').map(
    ([name, build, line, spans, message]): Row => ({ name, run: asked(build, load<Express>, line), spans, message }),
  )

  describeCallStyles<Serving, Row>('answers by', rows, {
    without: { open: serve, close },
    with: {
      before: async () => {
        tracing = await Tracing.start(traced)
      },
      open: async () => {
        // What a row before has left behind.
        await tracing.spans()
        tracing.clear()
        return serve()
      },
      async check({ spans, message }) {
        const received = await tracing.spans()
        assert.equal(shapeOf(received), spans)
        const { meta } = find(received, 'express.request')
        assert.equal(meta['error.message'], message)
        for (const { name, error, meta } of received) {
          if (name === 'express.middleware') assert.equal('error.message' in meta, error === 1)
        }
      },
      close,
      after: () => tracing.stop(),
    },
  })
})
