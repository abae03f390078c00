// `node --require dd/init app.js`: starts from the environment and patches everything.

import { isHooksThread, patchAll, tracer } from './start'

// Node runs what is preloaded in the thread of module hooks as well.
if (!isHooksThread()) {
  tracer.init()
  patchAll()
}
