// Scopes of tests. Up to Node 22 each one that has been used slows down every promise of the process until it is left, and a run makes
// hundreds.

import { AsyncLocalScope } from '../../src/trace/scope/async-local-scope'

const scopes = new Set<AsyncLocalScope>()

export function makeScope(): AsyncLocalScope {
  const scope = new AsyncLocalScope()
  scopes.add(scope)
  return scope
}

/** One that another test still uses comes back with its next `run`. */
export function leaveScopes(): void {
  for (const scope of scopes) scope.leave()
}
