// `node --import dd/register app.mjs`: the same as `dd/init`, which also sees packages that are ES modules where Node has hooks in the
// program's thread; this sees them on every Node. It may be given to `--require` as well.

import './init'
import { watchEsModules } from './start'

watchEsModules()
