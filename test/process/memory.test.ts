// An Agent that is away must never cost the program its memory: what waits is bounded, what is too much is dropped, counted and
// said once.

import { strict as assert } from 'node:assert'
import { absentAgentUrl } from '../support/agent'
import { runNode } from '../support/spawn'
import { INDEX, traced } from './traced'

const TRACES = 50_000
/** The exporter keeps 8 MiB at most, and as much again may be on its way. */
const MAX_GROWTH_MIB = 40

describe('a program that makes 50,000 traces for an Agent that is away', () => {
  it('keeps its memory, drops and counts', async () => {
    const code = `
      const { tracer } = require(${JSON.stringify(INDEX)})
      const memory = () => {
        gc()
        const { heapUsed, external } = process.memoryUsage()
        return (heapUsed + external) / 2 ** 20
      }
      const work = (n) => tracer.trace('work', { resource: 'select ' + n + ' from a_table_with_a_name', tags: { n } }, () => {})
      for (let n = 0; n < 100; n++) work(n)
      const before = memory()
      let done = 0
      setImmediate(function batch() {
        for (let n = 0; n < 500; n++) work(done++)
        if (done < ${TRACES}) setImmediate(batch)
        else console.log((memory() - before).toFixed(1))
      })`
    const program = traced({ code, execArgv: ['--expose-gc'] }, await absentAgentUrl(), {
      DD_TRACE_FLUSH_INTERVAL: '100',
    })
    const run = await runNode(program)
    assert.equal(run.code, 0)
    const grownMib = Number(run.stdout)
    assert.ok(grownMib < MAX_GROWTH_MIB, `grown by ${grownMib} MiB`)
    assert.match(run.stderr, /^dd: traces cannot be sent to the Agent at [^\n]* \([^)]*\); \d+ dropped so far\n$/)
  })
})
