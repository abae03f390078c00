// What every test of a Redis client expects of the span of a command.

import { strict as assert } from 'node:assert'
import { childrenOf, find, type ReceivedSpan } from '../support/agent'

/** The releases that ioredis is tested with. */
export const IOREDIS = { 4: ['4.0.0', '4.31.0'], 5: ['5.0.0', '5.11.1'], 6: ['6.0.0'] } as const

export const KEY = 'dd-test:number'
export const TEXT = 'dd-test:text'

/** The commands among spans, in the order they were sent. */
export function commandsOf(spans: readonly ReceivedSpan[]): ReceivedSpan[] {
  return spans.filter(({ name }) => name === 'redis.command').sort((a, b) => Number(a.start - b.start))
}

export function rawOf(spans: readonly ReceivedSpan[]): (string | undefined)[] {
  return commandsOf(spans).map(({ meta }) => meta['redis.raw_command'])
}

/** Each of the requests `r0`, `r1` … has its own commands, and there is nothing else. */
export function checkRequests(spans: ReceivedSpan[], count: number, commands: (n: number) => string[]): void {
  for (let n = 0; n < count; n++) {
    const request = find(spans, { name: 'request', resource: `r${n}` })
    assert.deepEqual(rawOf(childrenOf(request, spans)), commands(n))
  }
  assert.equal(spans.length, count * (1 + commands(0).length))
}

/** The spans of a row: these commands, of this plugin and server, the last of them with this error or none. */
export function checkCommands(
  spans: readonly ReceivedSpan[],
  { raw, error }: { readonly raw: readonly string[]; readonly error?: RegExp },
  component: string,
  serverUrl: string,
): void {
  assert.deepEqual(rawOf(spans), raw)
  assert.equal(spans.length, raw.length)
  for (const span of spans) checkTags(span, component, serverUrl)
  const last = commandsOf(spans).at(-1)
  if (error !== undefined) assert.match(last?.meta['error.message'] ?? '', error)
  assert.equal(last?.error ?? 0, error === undefined ? 0 : 1)
}

export function checkTags(span: ReceivedSpan, component: string, serverUrl: string): void {
  const { hostname, port } = new URL(serverUrl)
  assert.equal(span.type, 'redis')
  assert.equal(span.service, 'test-redis')
  assert.equal(span.meta['component'], component)
  assert.equal(span.meta['_dd.integration'], component)
  assert.equal(span.meta['_dd.svc_src'], component)
  assert.equal(span.meta['span.kind'], 'client')
  assert.equal(span.meta['db.type'], 'redis')
  assert.equal(span.meta['out.host'], hostname)
  assert.equal(span.metrics['network.destination.port'], Number(port))
}
