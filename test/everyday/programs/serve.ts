// serve: a static server for single-page applications, on Node's http and serve-handler.

import type { ServerProgram } from '../program'
import { askForSite, writeSite } from './site'

export const serve: ServerProgram = {
  name: 'serve',
  about: 'static server of front ends: pages, folders, ranges, compression, ETags',
  packages: { serve: '14.2.7' },
  service: 'serve',
  prepare: (home) => writeSite(home, 'site'),
  start: (home) => ({
    args: [home.command('serve'), '--listen', `tcp://127.0.0.1:${home.port}`, '--cors', 'site'],
    // It would ask the registry for its newest release.
    env: { NO_UPDATE_CHECK: '1' },
  }),
  varies: { lines: 'in any order' },
  ask: askForSite,
}
