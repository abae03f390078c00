// eleventy: a site generator of ES modules.

import type { CommandProgram } from '../program'

export const eleventy: CommandProgram = {
  name: 'eleventy',
  about: 'eleventy: a page from Markdown',
  packages: { '@11ty/eleventy': '3.1.8' },
  // Not every mirror of the registry has the release that it asks for.
  overrides: { '@11ty/recursive-copy': '4.0.4' },
  load: 'import',
  app: 'small-project',
  runs: (home) => [{ args: [home.command('eleventy'), '--input', 'pages', '--output', 'out'] }],
  writes: ['out/index.html'],
  processes: 1,
}
