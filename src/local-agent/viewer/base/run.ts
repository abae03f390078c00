// Which run is shown: that of the agent as it goes on, or an earlier one from the file that it keeps them in. It holds for this tab, until
// another one is chosen.

const KEY = 'dd-run'

/** '' for what comes now. */
export const run = sessionStorage.getItem(KEY) ?? ''

/** Shows another run; everything on the page is of one run only. */
export function showRun(id: string): void {
  sessionStorage.setItem(KEY, id)
  location.hash = '#/traces'
  location.reload()
}

/** Of one run the agent is asked for what came then; what it says of itself is always of now. */
export function ofRun(path: string): string {
  if (run === '' || /^\/api\/(?:status|runs)/.test(path)) return path
  return `${path}${path.includes('?') ? '&' : '?'}run=${run}`
}
