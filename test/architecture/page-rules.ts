// What a file of the viewer's page may import and touch: it runs in a browser, and loads nothing from elsewhere.

import { nameViolations } from './house-rules'
import { targetOf } from './layers'

/** Code that runs in a browser: it has rules of its own, and a real browser to check it. */
export const VIEWER = /^src\/local-agent\/viewer\//
/** What the page may share with the agent: it needs neither Node nor the store. */
export const SEARCH = /^src\/local-agent\/search\//
/** The one file of the page that may look at the agent's types, and those of which it may: they reach nothing of Node. */
export const WIRE = 'src/local-agent/viewer/wire.ts'
const WIRE_TYPES = /^src\/local-agent\/(analysis\/[a-z-]+|dogstatsd\/series|logs\/log|received-span|trace-summary)$/
/** What is bundled into the page. */
const VIEWER_PACKAGES: ReadonlySet<string> = new Set(['preact', 'preact/hooks', '@preact/signals', '@dagrejs/dagre'])
/** Names and forms by which text could become code or markup, and what a page has no business with. */
const VIEWER_NEVER =
  /\b(innerHTML|outerHTML|insertAdjacentHTML|dangerouslySetInnerHTML|DOMParser|eval|Function\s*\(|document\.write|console|Math\.random|importScripts|sendBeacon|WebSocket|XMLHttpRequest)\b|\brequire\s*\(|[:<(,]\s*any\b|\bas\s+any\b/

/** Everything that a file of the page does against them. JSX has apostrophes in its text, so only whole lines of imports are read. */
export function viewerViolations(file: string, source: string): string[] {
  const found: string[] = []
  const imports = source.matchAll(
    /^(?:import|export)\s(?:(?:type\s)?[\w*\s,]*(?:\{[^}]*\})?[\w*\s,]*from\s)?['"]([^'"]+)['"]|\bimport\(['"]([^'"]+)['"]/gm,
  )
  for (const [statement, first, second] of imports) {
    const specifier = first ?? second ?? ''
    const target = targetOf(file, specifier)
    const isStyle = specifier.endsWith('.css') && /\/app\.tsx$/.test(file)
    const isAllowed =
      target === undefined
        ? VIEWER_PACKAGES.has(specifier)
        : specifier.endsWith('.css')
          ? isStyle
          : VIEWER.test(target) ||
            SEARCH.test(target) ||
            (file === WIRE && statement.startsWith('import type ') && WIRE_TYPES.test(target))
    if (!isAllowed) found.push(`${file} imports ${specifier}, which is not for the page`)
  }
  const code = source.replace(/^\s*(\/\/|\*|\/\*).*$/gm, '')
  const hit = VIEWER_NEVER.exec(code)
  if (hit !== null) found.push(`${file} touches ${hit[0].trim()}`)
  if (/\bhttps?:\/\/(?!(127\.0\.0\.1|localhost)\b)/.test(code)) found.push(`${file} names another origin`)
  if (!/^\/\/ \S/.test(source)) found.push(`${file} does not begin with a comment that says why it exists`)
  return [...found, ...nameViolations(file)]
}
