// The list of plugins: name, the packages it patches, and its file, which is loaded when one of them is.

import type { Plugin, PluginEntry } from '../src/plugin'

type PluginFile = { default: Plugin }

export const plugins: readonly PluginEntry[] = [
  { name: 'http', modules: ['http', 'https'], load: () => (require('./http') as PluginFile).default },
  { name: 'undici', modules: [], load: () => (require('./undici') as PluginFile).default },
  { name: 'express', modules: ['express', 'router'], load: () => (require('./express') as PluginFile).default },
  { name: 'pg', modules: ['pg', 'pg-pool'], load: () => (require('./pg') as PluginFile).default },
]
