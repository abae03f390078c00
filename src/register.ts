// `node --import dd/register app.mjs`: the same as `dd/init`, by the flag that programs of ES modules use, and it also sees the
// packages that are ES modules themselves.

import './init'
import { watchEsModules } from './start'

watchEsModules()
