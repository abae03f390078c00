// `node --require dd/init app.js`: starts from the environment and patches everything.

import { patchAll, tracer } from './start'

tracer.init()
patchAll()
