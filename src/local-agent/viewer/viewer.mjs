// The page's start: reads the address, listens to the agent, and hands keys to what is on screen.
//
// The address decides what is shown (`#/` the list, `#/trace/<id>` one trace), so links, the back button and reload
// work. One live stream feeds the list whatever is shown; a change of the open trace makes its page load it again.

import { count } from './format.mjs'
import { TraceList } from './trace-list.mjs'
import { TracePage } from './trace-page.mjs'

const listPage = document.getElementById('list-page')
const tracePage = document.getElementById('trace-page')
const status = document.getElementById('status')
const list = new TraceList()
const page = new TracePage(tracePage)

/** The id in the address, '' for the list. */
let openId = ''
/** Which run of the agent the list is from; another run knows nothing of its traces. */
let run
let live
let isLoading = false
let isStale = false

function showAddress() {
  const previousId = openId
  openId = /^#\/trace\/(\w+)$/.exec(location.hash)?.[1] ?? ''
  listPage.hidden = openId !== ''
  tracePage.hidden = openId === ''
  if (openId !== '') {
    load()
    return
  }
  document.title = 'Traces · dd local agent'
  list.focus(previousId)
}

/** Loads the open trace; asked again meanwhile, once more when that is done, so that the latest state is shown last. */
async function load() {
  isStale = true
  if (isLoading) return
  isLoading = true
  while (isStale) {
    isStale = false
    await loadOnce()
  }
  isLoading = false
}

async function loadOnce() {
  const id = openId
  const response = await fetch(`/api/traces/${id}`).catch(() => undefined)
  const trace = response?.ok ? await response.json().catch(() => undefined) : undefined
  // Meanwhile the address may name another trace.
  if (id !== openId) return
  if (trace) page.show(trace)
  else if (response?.status === 404) page.showMissing()
}

function listen() {
  live = new EventSource('/api/live')
  live.addEventListener('status', (event) => showStatus(JSON.parse(event.data)))
  live.addEventListener('trace', (event) => {
    const summary = JSON.parse(event.data)
    list.put(summary)
    if (summary.id === page.id && openId !== '') load()
  })
  live.addEventListener('error', () => {
    status.classList.remove('live')
    status.textContent = 'The agent is away'
  })
}

function showStatus(facts) {
  if (run !== undefined && run !== facts.run) list.clear()
  run = facts.run
  const losses = [
    facts.evictedTraces > 0 && `${count(facts.evictedTraces, 'older trace')} dropped`,
    facts.droppedSpans > 0 && `${count(facts.droppedSpans, 'span')} too many`,
    facts.malformedSpans > 0 && `${count(facts.malformedSpans, 'malformed span')}`,
    facts.refusedPayloads > 0 && `${count(facts.refusedPayloads, 'payload')} refused`,
  ].filter(Boolean)
  status.classList.add('live')
  status.textContent = losses.length > 0 ? `Live · ${losses.join(' · ')}` : 'Live'
}

function onKey(event) {
  if (event.ctrlKey || event.metaKey || event.altKey) return
  if (event.target === list.filter) {
    if (event.key === 'Escape' || event.key === 'ArrowDown') {
      list.filter.blur()
      list.move(1)
    }
    return
  }
  const isList = openId === ''
  if (!isList && page.press(event.key)) event.preventDefault()
  else if (!isList && event.key === 'Escape') location.hash = '#/'
  else if (isList && event.key === 'ArrowDown') list.move(1)
  else if (isList && event.key === 'ArrowUp') list.move(-1)
  else if (isList && event.key === '/') list.filter.focus()
  else return
  event.preventDefault()
}

const command = 'node --require dd/init app.js'
// Tracers look at 8126 by themselves.
document.getElementById('empty-command').textContent =
  location.port === '8126' ? command : `DD_TRACE_AGENT_URL=${location.origin} ${command}`
document.addEventListener('keydown', onKey)
addEventListener('hashchange', showAddress)

// A browser has six connections to the agent for all its tabs together, so a tab that nobody sees gives its own back.
document.addEventListener('visibilitychange', () => (document.hidden ? live.close() : listen()))
listen()
showAddress()
