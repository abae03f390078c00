// How a process ends stays as it was, whatever fails in what `dd` does at its end: by itself, by `process.exit`, by a signal, by an
// exception. Each function there fails in a process of its own.

import { strict as assert } from 'node:assert'
import { join } from 'node:path'
import { startAgent } from '../support/agent'
import * as core from '../support/faults/core-tasks'
import type { FaultyTree } from '../support/faults/instrument'
import { faultyTree, isFloor, PARSER, titleOf } from '../support/faults/run-faults'
import { describePackages } from '../support/library'
import { type NodeProgram, runNode } from '../support/spawn'
import { oneRequest, outcomeOf } from './traced'

const TIMEOUT_MS = 240_000
/** Processes at a time. */
const AT_ONCE = 3
const FAULT = join(__dirname, '..', 'support', 'faults', 'fault.js')

/** What runs at the end, and its parts that run at no other time. */
const AT_EXIT =
  /^src\/(?:base\/(?:flush-on-exit|exit-delivery)|export\/delivery)\.ts |^src\/start\.ts DatadogTracer\.#start\.(?:flush|flushNow|release)/

const ENDS: Readonly<Record<string, NodeProgram & { killAfterOutput?: RegExp }>> = {
  'by itself': { code: oneRequest() },
  'by process.exit in a request': { code: oneRequest({ handler: "console.log('leaving'); process.exit(3)" }) },
  'by an exception': { code: oneRequest({ after: "server.close(); throw new RangeError('the end')" }) },
  'by a signal': {
    code: oneRequest({ after: "setInterval(() => {}, 1000); console.log('waiting')" }),
    killAfterOutput: /waiting/,
  },
}

describe('a fault in dd at the end of a process', () => {
  describePackages('faults core', { ...core.PACKAGES, ...PARSER }, undefined, (set) => {
    let tree: FaultyTree
    before(() => {
      tree = faultyTree(set)
    })
    after(() => tree.remove())

    for (const [how, program] of Object.entries(ENDS)) {
      it(`that ends ${how}`, async function () {
        this.timeout(TIMEOUT_MS)
        const agent = await startAgent()
        const run = async (place?: number) => {
          const { code, signal, stdout, stderr, said } = outcomeOf(
            await runNode(
              place === undefined
                ? program
                : {
                    ...program,
                    execArgv: ['--require', FAULT, '--require', join(tree.folder, 'src', 'init.js')],
                    env: { DD_SERVICE: 'shop', DD_TRACE_AGENT_URL: agent.url, DD_TEST_FAULT: String(place) },
                  },
            ),
          )
          // The stack of an exception has frames of the copy.
          const own = stderr.replace(/^ +at .*\n/gm, '')
          return { end: { code, signal, stdout, stderr: own }, said }
        }
        try {
          const { end } = await run()
          const places = tree.places.filter((place) => AT_EXIT.test(titleOf(place)) && !isFloor(place))
          assert.ok(places.length > 15, `only ${places.length} functions fail`)
          const wrong: unknown[] = []
          const next = async (): Promise<void> => {
            const place = places.pop()
            if (place === undefined) return
            const outcome = await run(place.id)
            const lines = new Set(outcome.said)
            if (
              JSON.stringify(outcome.end) !== JSON.stringify(end) ||
              lines.size < outcome.said.length ||
              lines.size > 1
            )
              wrong.push({ place: titleOf(place), ...outcome })
            return next()
          }
          await Promise.all(Array.from({ length: AT_ONCE }, next))
          assert.deepEqual(wrong, [])
        } finally {
          await agent.close()
        }
      })
    }
  })
})
