// http-server: a static server on union and Node's http.

import type { ServerProgram } from '../program'
import { askForSite, writeSite } from './site'

export const httpServer: ServerProgram = {
  name: 'http-server',
  about: 'static server: listings, ranges, gzip, CORS, a log of requests',
  packages: { 'http-server': '14.1.1' },
  service: 'http-server',
  prepare: (home) => writeSite(home, 'site'),
  start: (home) => ({
    args: [
      home.command('http-server'),
      'site',
      ...['-a', '127.0.0.1', '-p', String(home.port), '--cors', '--gzip', '-c10'],
    ],
  }),
  ask: askForSite,
  // The number that the file system gives a file is in it.
  varies: { headers: ['etag'] },
}
