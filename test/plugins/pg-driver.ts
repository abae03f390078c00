// The interface of `pg` as far as the tests need it, and the tags of its spans.

import { strict as assert } from 'node:assert'
import type { EventEmitter } from 'node:events'
import type { ReceivedSpan } from '../support/agent'

export interface Client extends EventEmitter {
  connect(): Promise<void>
  query(...args: unknown[]): unknown
  end(): Promise<void>
  release(): void
}

export interface Pool {
  connect(callback: (error: unknown, client: Client, release: () => void) => void): void
  connect(): Promise<Client>
  query(...args: unknown[]): unknown
  end(): Promise<void>
}

export function checkTags(span: ReceivedSpan, serverUrl: string): void {
  checkConnection(span, serverUrl)
  assert.ok((span.metrics['db.pid'] ?? 0) >= 0)
}

export function checkConnection(span: ReceivedSpan, serverUrl: string): void {
  const { hostname, port, pathname, username } = new URL(serverUrl)
  assert.equal(span.meta['component'], 'pg')
  assert.equal(span.meta['span.kind'], 'client')
  assert.equal(span.meta['db.type'], 'postgres')
  assert.equal(span.meta['db.name'], pathname.slice(1))
  assert.equal(span.meta['db.user'], username)
  assert.equal(span.meta['out.host'], hostname)
  assert.equal(span.metrics['network.destination.port'], Number(port))
  assert.equal(span.meta['_dd.base_service'], 'test')
}
