// Node's own test runner, which starts a process for each file.

import type { CommandProgram } from '../program'

export const nodeTest: CommandProgram = {
  name: 'node-test',
  about: "Node's test runner: a process for each file, TAP and spec, mocks",
  packages: {},
  app: 'small-project',
  prepare(home) {
    const test = home.read('test/sums.test.js')
    home.write('test/sums.test.js', `const { describe, it } = require('node:test')\n${test}`)
  },
  runs: () => [
    { args: ['--test', '--test-reporter', 'tap', 'test/sums.test.js'], code: 1 },
    { args: ['--test', '--test-reporter', 'spec', '--experimental-test-coverage', 'test/sums.test.js'], code: 1 },
  ],
  processes: 4,
  varies: { output: [[/duration_ms:? [\d.]+/g, 'duration_ms *']] },
}
