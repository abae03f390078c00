// Tests that instrumentation is invisible. A table names the ways to call a library; each row is observed once without
// `dd` and once with it, and a program must not be able to tell the two apart. The rows without come first, all of them,
// so that a patch that cannot be undone does not stain the reference.

import { strict as assert } from 'node:assert'
import { type Observation, observe, type Probe } from './observe'

export { type Observation, observe, type Probe } from './observe'

/**
 * One way to make a call. `run` returns what the library returned, untouched: `(client) => client.query('select 1')`;
 * callbacks come from the probe: `(client, probe) => client.query('select 1', probe.callback())`.
 */
export interface CallStyle<Subject> {
  name: string
  run: (subject: Subject, probe: Probe) => unknown
  timeoutMs?: number
}

/** How to come by a subject: `before` and `after` once for all rows, `open` and `close` around each. */
interface Side<Subject> {
  before?: () => unknown
  open: () => Subject | Promise<Subject>
  close?: (subject: Subject) => unknown
  after?: () => unknown
}

interface InstrumentedSide<Subject, Row> extends Side<Subject> {
  /** For what is not about invisibility: the spans of the row. Runs before `close`. */
  check?: (row: Row, observation: Observation, subject: Subject) => unknown
}

/**
 * Registers two mocha tests per row, one for each side, under one `describe`. Rows may carry more fields than a call
 * style needs, such as the spans that `check` should find.
 */
export function describeCallStyles<Subject, Row extends CallStyle<Subject>>(
  title: string,
  rows: readonly Row[],
  sides: { without: Side<Subject>; with: InstrumentedSide<Subject, Row> },
): void {
  const references = new Map<Row, Observation>()

  describe(title, () => {
    describeSide('without dd', rows, sides.without, async (row, subject) => {
      const reference = await observeRow(row, subject)
      assert.deepEqual(reference.missing, [], 'this row does not end even without dd')
      references.set(row, reference)
    })

    describeSide('with dd the same', rows, sides.with, async (row, subject) => {
      const reference = references.get(row)
      assert.ok(reference, 'there is nothing to compare with: the row failed or did not run without dd')
      const observation = await observeRow(row, subject)
      assert.deepEqual(observation, reference)
      await sides.with.check?.(row, observation, subject)
    })
  })
}

function describeSide<Subject, Row extends CallStyle<Subject>>(
  title: string,
  rows: readonly Row[],
  side: Side<Subject>,
  test: (row: Row, subject: Subject) => Promise<void>,
): void {
  describe(title, () => {
    before(() => side.before?.())
    after(() => side.after?.())

    for (const row of rows) {
      it(row.name, async () => {
        const subject = await side.open()
        try {
          await test(row, subject)
        } finally {
          await side.close?.(subject)
        }
      })
    }
  })
}

function observeRow<Subject>(row: CallStyle<Subject>, subject: Subject): Promise<Observation> {
  return observe((probe) => row.run(subject, probe), row.timeoutMs ? { timeoutMs: row.timeoutMs } : {})
}
