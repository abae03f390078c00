// `dd/plugin/clients`: what plugins of clients with connections, pools and pins are written with besides `dd/plugin`; apart, because
// every program loads that when it starts. Experimental: it may change in a minor version.

export { commentLength, DatabaseComment } from './database-comment'
export { HeldMethods } from './held-methods'
export { copyWith, duringCall } from './other-value'
export { pinsBehind, pinsOfParts } from './pinned-parts'
export { elapsedMs, PoolWait } from './pool-wait'
