// What does a request still cost when no trace is to be kept?
//
// The Express program of request-cost, with a sample rate of 0: DD_TRACE_SAMPLE_RATE=0 for dd and dd-trace, `always_off` for
// OpenTelemetry, ELASTIC_APM_TRANSACTION_SAMPLE_RATE=0 for Elastic. The Agent of the sink does not say that it wants rejected
// traces kept from it, so dd and dd-trace send them, as they must for the Agent's statistics; the last column says who sends.

import { startServer } from './measured-server.mjs'
import { tracers } from './peers.mjs'
import { requestHeadings, requestRows } from './request-table.mjs'

export const name = 'rate-zero'
export const question = 'CPU time added per Express request where no trace is kept'
export const rounds = 3
export const nodes = [24, 20]

const WARM_UP_REQUESTS = 20_000
const REQUESTS = 10_000
const ROUTE = '/api/users/42?verbose=1'

export const peers = (ddFolder) =>
  tracers(ddFolder, undefined, {
    dd: { DD_TRACE_SAMPLE_RATE: '0' },
    'dd-trace': { DD_TRACE_SAMPLE_RATE: '0' },
    opentelemetry: { OTEL_TRACES_SAMPLER: 'always_off' },
    elastic: { ELASTIC_APM_TRANSACTION_SAMPLE_RATE: '0' },
  })

export async function measure(setting) {
  const server = await startServer({
    ...setting,
    file: 'express-server.cjs',
    args: [setting.peer.name, '0'],
    path: ROUTE,
    warmUp: WARM_UP_REQUESTS,
    isSending: false,
  })
  try {
    return await server.load(REQUESTS)
  } finally {
    await server.stop()
  }
}

export function report(samples, reference) {
  return { headings: requestHeadings(reference), rows: requestRows(samples, reference, 'json') }
}
