// A traced process for a suite: the tracer of this very process, sending to a fake Agent, with chosen plugins patched; and all
// of it undone again, so that suites do not see each other.

import { strict as assert } from 'node:assert'
import { type InitOptions, type PluginSetting, patch, tracer } from '../../src'
import { type FakeAgent, type ReceivedSpan, startAgent } from './agent'

export class Tracing {
  private constructor(readonly agent: FakeAgent) {}

  /** Starts tracing with `plugins` patched, as service `test`. */
  static async start(plugins: Record<string, PluginSetting>, options: InitOptions = {}): Promise<Tracing> {
    const agent = await startAgent()
    tracer.init({ service: 'test', agentUrl: agent.url, flushIntervalMs: 60_000, ...options })
    patch({ ...plugins, raiseErrors: true })
    return new Tracing(agent)
  }

  /** All spans finished so far. */
  async spans(): Promise<ReceivedSpan[]> {
    await tracer.flush()
    return this.agent.spans()
  }

  clear(): void {
    this.agent.clear()
  }

  /** Undoes the patches; fails if the Agent had anything to complain about. */
  async stop(): Promise<void> {
    await tracer.shutdown()
    const { violations } = this.agent
    await this.agent.close()
    assert.deepEqual(violations, [])
  }
}
