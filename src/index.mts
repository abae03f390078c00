// The same names for ES modules, whose default import of a CommonJS file would otherwise be the whole of it. It holds nothing:
// both kinds of module get the one tracer.

import dd from './index.js'

export type * from './index.js'
export const { patch, patchAll, unpatchAll, tracer, PatchError, Pin, RateSampler } = dd
export default tracer
