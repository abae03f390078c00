// The page of the local agent: the frame around the views, and which view the address asks for.

import type { JSX } from 'preact'
import { render } from 'preact'
import { useEffect, useState } from 'preact/hooks'
import { KEY_HELP } from './base/app-keys'
import { useKeys } from './base/keys'
import { connection, listen, status } from './base/live'
import { go, route } from './base/route'
import { run, showRun } from './base/run'
import { theme, toggleTheme } from './base/theme'
import { ComparePage } from './compare/compare-page'
import { ErrorsPage } from './errors/errors-page'
import { LogsPage } from './logs/logs-page'
import { MetricsPage } from './metrics/metrics-page'
import { Empty } from './parts/empty'
import { Icon } from './parts/icon'
import { ResourcesPage } from './services/resources-page'
import { ServicesPage } from './services/services-page'
import { StatusPage } from './status/status-page'
import { TracePage } from './trace/trace-page'
import { importTraces, onDroppedFiles } from './traces/import-traces'
import { TracesPage } from './traces/traces-page'
import './styles/app.css'

const PAGES: readonly { readonly page: string; readonly title: string; readonly key: string }[] = [
  { page: 'traces', title: 'Traces', key: 't' },
  { page: 'errors', title: 'Errors', key: 'e' },
  { page: 'services', title: 'Services', key: 's' },
  { page: 'resources', title: 'Resources', key: 'r' },
  { page: 'metrics', title: 'Metrics', key: 'm' },
  { page: 'logs', title: 'Logs', key: 'l' },
  { page: 'status', title: 'Status', key: 'i' },
]

function View(): JSX.Element {
  const { page, rest } = route.value
  switch (page) {
    case 'traces':
      return <TracesPage />
    case 'trace':
      return <TracePage key={rest[0]} id={rest[0] ?? ''} />
    case 'errors':
      return <ErrorsPage />
    case 'services':
      return <ServicesPage />
    case 'resources':
      return <ResourcesPage />
    case 'metrics':
      return <MetricsPage />
    case 'logs':
      return <LogsPage />
    case 'compare':
      return <ComparePage a={rest[0] ?? ''} b={rest[1] ?? ''} />
    case 'status':
      return <StatusPage />
    default:
      return (
        <Empty title="There is no such page">
          <p>
            <a href="#/traces">To the traces</a>
          </p>
        </Empty>
      )
  }
}

function App(): JSX.Element {
  const [isHelpOpen, setHelpOpen] = useState(false)
  const [isDropping, setDropping] = useState(false)
  const { page } = route.value
  const shown = page === 'trace' || page === 'compare' ? 'traces' : page
  useKeys({
    '?': () => setHelpOpen(true),
    '\\': toggleTheme,
    ...Object.fromEntries(PAGES.map(({ page: name, key }) => [`g ${key}`, () => go(`#/${name}`)])),
  })
  useEffect(() => onDroppedFiles(setDropping, (files) => void importTraces(files)), [])
  useEffect(() => {
    const title = PAGES.find((one) => one.page === page)?.title
    if (title !== undefined) document.title = `${title} · dd local agent`
    document.querySelector('nav [aria-current]')?.scrollIntoView({ block: 'nearest', inline: 'center' })
  }, [page])
  return (
    <div class={`app ${isDropping ? 'dropping' : ''}`}>
      <header class="frame">
        <a class="brand" href="#/traces" aria-label="dd local agent: traces">
          <img src="/icon.svg" alt="" width="22" height="22" />
          <span>dd</span>
        </a>
        <nav aria-label="Views">
          {PAGES.map(({ page: name, title, key }) => (
            <a
              key={name}
              href={`#/${name}`}
              aria-current={name === shown ? 'page' : undefined}
              title={`${title} (g ${key})`}
            >
              {title}
            </a>
          ))}
        </nav>
        <Connection />
        <button type="button" class="quiet-button" aria-label="Keys" title="Keys (?)" onClick={() => setHelpOpen(true)}>
          <Icon name="keys" />
        </button>
        <button
          type="button"
          class="quiet-button"
          aria-label={theme.value === 'dark' ? 'Light theme' : 'Dark theme'}
          title="Dark or light (\)"
          onClick={toggleTheme}
        >
          <Icon name={theme.value === 'dark' ? 'sun' : 'moon'} />
        </button>
      </header>
      {connection.value === 'away' && (
        <p class="banner" role="status">
          The agent is away. This page shows what it had, and goes on when it is back.
        </p>
      )}
      {run !== '' && (
        <p class="banner" role="status">
          This is an earlier run.{' '}
          <button type="button" class="link" onClick={() => showRun('')}>
            To what comes now
          </button>
        </p>
      )}
      <main>
        <View />
      </main>
      {isHelpOpen && <KeyHelp onClose={() => setHelpOpen(false)} />}
    </div>
  )
}

function Connection(): JSX.Element {
  const state = connection.value
  const traces = Number(status.value['traces'] ?? 0)
  const words = state === 'live' ? 'Live' : state === 'away' ? 'Away' : 'Connecting'
  return (
    <a class={`connection ${state}`} href="#/status" title={`${words} · ${traces} traces are kept`}>
      <span role="status">{words}</span>
    </a>
  )
}

function KeyHelp({ onClose }: { onClose: () => void }): JSX.Element {
  useKeys({ Escape: onClose, '?': onClose })
  return (
    <div class="overlay">
      <button type="button" class="backdrop" tabIndex={-1} aria-label="Close" onClick={onClose} />
      <dialog open class="help" aria-label="Keys" aria-modal="true">
        <button
          type="button"
          class="quiet-button"
          aria-label="Close"
          onClick={onClose}
          ref={(element) => element?.focus()}
        >
          <Icon name="close" />
        </button>
        {KEY_HELP.map(({ title, keys }) => (
          <section key={title}>
            <h2>{title}</h2>
            <dl>
              {keys.map(([key, meaning]) => (
                <div key={key}>
                  <dt>
                    {key.split(' ').map((one) => (
                      <kbd key={one}>{one}</kbd>
                    ))}
                  </dt>
                  <dd>{meaning}</dd>
                </div>
              ))}
            </dl>
          </section>
        ))}
      </dialog>
    </div>
  )
}

const frame = document.getElementById('app')
if (frame !== null) {
  listen()
  render(<App />, frame)
}
