// The entry for bundlers of ES modules.

import { add } from './add.mjs'

document.title = `sum ${add(1, 2)}`
const { later } = await import('./later.mjs')
later()
