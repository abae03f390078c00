// Tests with everything that patches the same places: nyc rewrites sources, nock and sinon take over requests and clocks, proxyquire modules.

import type { CommandProgram } from '../program'

export const nyc: CommandProgram = {
  name: 'nyc',
  about: 'nyc over mocha: supertest, nock, sinon, proxyquire, and what they cover',
  packages: {
    nyc: '18.0.0',
    axios: '1.21.1',
    express: '5.3.0',
    mocha: '11.7.5',
    nock: '14.0.9',
    proxyquire: '2.1.3',
    sinon: '22.1.0',
    supertest: '7.3.2',
  },
  app: 'tested-project',
  runs: (home) => [
    { args: [home.command('nyc'), '--reporter', 'text', home.command('mocha'), '--slow', '10000', 'test'] },
    { args: [home.command('mocha'), '--slow', '10000', 'test'] },
  ],
  processes: 3,
  // The tests' own requests.
  besides: /^(http|web|express)\.(request|middleware) /,
}
