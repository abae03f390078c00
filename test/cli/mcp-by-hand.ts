// Speaks the Model Context Protocol with `dog mcp` line by line, and the traces that its tests ask for.

import assert from 'node:assert/strict'
import type { LocalAgent } from '../../src/local-agent/start-local-agent'
import { put } from '../local-agent/send'
import { jsonSpan, type SpanFields } from '../local-agent/wire-span'
import { Dog } from './dog-process'

export interface Called {
  content: { type: string; text: string }[]
  structuredContent?: Record<string, unknown>
  isError?: boolean
}

export interface Answer {
  id?: string | number
  result?: Record<string, unknown>
  error?: { code: number; message: string; data?: object }
}

export class ByHand {
  readonly #dog: Dog
  readonly #answers: ((answer: Answer | Answer[]) => void)[] = []
  #read = 0
  #lastId = 0

  static async opened(port: number): Promise<ByHand> {
    const mcp = new ByHand(port)
    await mcp.ask('initialize', {
      protocolVersion: '2025-06-18',
      capabilities: {},
      clientInfo: { name: 'x', version: '1' },
    })
    return mcp
  }

  constructor(port: number) {
    this.#dog = new Dog(['mcp', '--port', String(port)])
    this.#dog.process.stdout?.on('data', () => {
      const { stdout } = this.#dog
      for (let end = stdout.indexOf('\n', this.#read); end >= 0; end = stdout.indexOf('\n', this.#read)) {
        this.#answers.shift()?.(JSON.parse(stdout.slice(this.#read, end)) as Answer)
        this.#read = end + 1
      }
    })
  }

  /** One at a time: the next line is the answer. */
  async ask(method: string, params?: object): Promise<Answer> {
    return (await this.send(JSON.stringify({ jsonrpc: '2.0', id: ++this.#lastId, method, params }))) as Answer
  }

  send(line: string): Promise<Answer | Answer[]> {
    return new Promise((resolve) => {
      this.#answers.push(resolve)
      this.tell(line)
    })
  }

  tell(line: string): void {
    this.#dog.process.stdin?.write(`${line}\n`)
  }

  end() {
    this.#dog.process.stdin?.end()
    return this.#dog.ended
  }
}

export const HIGH = '6b021e4d00000000'

const SHOP: SpanFields = {
  trace_id: 0xaa01n,
  service: 'shop',
  resource: 'GET /offer',
  duration: 30_000_000n,
  meta: { '_dd.p.tid': HIGH, 'http.status_code': '200' },
}

const QUERY: SpanFields = {
  trace_id: 0xaa01n,
  span_id: 2n,
  parent_id: 1n,
  service: 'shop-postgres',
  name: 'pg.query',
  type: 'sql',
  resource: 'select 1',
  start: 1_700_000_000_010_000_000n,
  duration: 5_000_000n,
}

const FAILED: SpanFields = {
  trace_id: 0xaa02n,
  service: 'shop',
  resource: 'GET /boom',
  error: 1,
  meta: {
    '_dd.p.tid': HIGH,
    'error.type': 'TypeError',
    'error.message': 'no price',
    'error.stack': 'TypeError: no price\n    at price (/app/price.js:3:9)\n    at node:internal/x:1:1',
    'http.status_code': '500',
  },
}

/** Two traces, one of which failed, a metric, and a log line of the first. */
export async function deliverShop(agent: LocalAgent): Promise<void> {
  const chunks = [[SHOP, QUERY], [FAILED]].map((spans) => `[${spans.map(jsonSpan).join(',')}]`)
  assert.equal((await put(`${agent.url}/v0.4/traces`, `[${chunks.join(',')}]`)).status, 200)
  agent.metrics.take(Buffer.from('orders:3|c|#shop:berlin'))
  const dd = { trace_id: `${HIGH}000000000000aa01`, span_id: '1' }
  agent.logs.add({ stream: 'stdout', service: 'shop', text: JSON.stringify({ level: 30, msg: 'offer shown', dd }) })
}
