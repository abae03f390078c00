// What `npm test` shows of a mocha run: a line for each file, the failures of it under that, and why tests were skipped. What they came
// to goes to a file as JSON, the failures with it, so that `npm test` can end with all of them. Options: `label`, which opens every line, and
// `output`, the file.

const { writeFileSync } = require('node:fs')
const { dirname, relative, sep } = require('node:path')
const { reporters, Runner } = require('mocha')

const { EVENT_RUN_END, EVENT_SUITE_BEGIN, EVENT_TEST_FAIL, EVENT_TEST_PASS, EVENT_TEST_PENDING } = Runner.constants
/** As `skipNamed` of the tests writes it. */
const REASON = /\(skipped: (.*)\)$/

module.exports = class FileReporter {
  #totals = { passing: 0, pending: 0, failing: 0, skips: {}, failures: [] }
  #file
  #failed = []
  #counts
  #began
  #label

  constructor(runner, { reporterOptions: { label, output } }) {
    this.#label = label
    runner.on(EVENT_SUITE_BEGIN, (suite) => this.#enter(suite.file))
    runner.on(EVENT_TEST_PASS, (test) => this.#count(test, 'passing'))
    runner.on(EVENT_TEST_PENDING, (test) => {
      this.#count(test, 'pending')
      const reason = REASON.exec(test.title)?.[1] ?? test.title
      this.#totals.skips[reason] = (this.#totals.skips[reason] ?? 0) + 1
    })
    runner.on(EVENT_TEST_FAIL, (test, error) => {
      // As mocha's own list wants it: a hook may fail for several tests.
      test.err = error
      this.#count(test, 'failing')
      this.#failed.push(test)
    })
    runner.on(EVENT_RUN_END, () => {
      this.#endFile()
      writeFileSync(output, JSON.stringify(this.#totals))
    })
  }

  #enter(file) {
    if (file === undefined || file === this.#file) return
    this.#endFile()
    this.#file = file
    this.#counts = { passing: 0, pending: 0, failing: 0 }
    this.#began = performance.now()
  }

  #count(test, outcome) {
    this.#enter(test.file ?? test.parent?.file ?? 'root hooks')
    this.#counts[outcome]++
    this.#totals[outcome]++
  }

  #endFile() {
    if (this.#file === undefined) return
    const { passing, pending, failing } = this.#counts
    const seconds = ((performance.now() - this.#began) / 1000).toFixed(1)
    // As in the sources, not in the build folder.
    const name = relative(dirname(__dirname), this.#file).split(sep).slice(1).join('/').replace(/\.js$/, '.ts')
    const counts = [`${passing} passing`, pending && `${pending} pending`, failing && `${failing} FAILING`]
    console.log(`${this.#label}: ${name} (${seconds} s): ${counts.filter(Boolean).join(', ')}`)
    if (failing > 0) reporters.Base.list(this.#failed)
    for (const test of this.#failed) {
      const { stack, message } = test.err
      this.#totals.failures.push(`${name}: ${test.fullTitle()}\n${stack ?? message}`)
    }
    this.#failed = []
  }
}
