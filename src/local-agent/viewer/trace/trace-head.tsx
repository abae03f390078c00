// What a trace is, in two lines: its root, how it went, when and how long, which services took their share of the time.

import type { JSX } from 'preact'
import { clock, count, day, micros, percent } from '../base/format'
import { href } from '../base/route'
import { ofRun } from '../base/run'
import { colourClass } from '../base/service-colour'
import { CopyButton } from '../parts/copy-button'
import { Icon } from '../parts/icon'
import { Service } from '../parts/service'
import type { TraceModel } from './trace-model'
import type { TraceView } from './trace-view'

/** Smaller shares are one. */
const MAX_SHARES = 8

export function TraceHead({ view }: { view: TraceView }): JSX.Element {
  const model = view.model.value
  const { id, start, duration, summary } = model.skeleton
  const failures = model.errorRows.length
  return (
    <header class="trace-head">
      <div class="title-line">
        <a class="quiet-button" href="#/traces" aria-label="All traces" title="All traces (Esc)">
          <Icon name="back" />
        </a>
        <Service name={summary.service} />
        <h1 title={summary.title}>{summary.title}</h1>
        {summary.statusCode && <span class={`code c${summary.statusCode[0]}`}>{summary.statusCode}</span>}
        {failures > 0 && (
          <button
            type="button"
            class="error-count"
            title="To the next error (x)"
            onClick={() => view.stepAmong(model.errorRows, 1)}
          >
            {count(failures, 'error')}
          </button>
        )}
        <span class="actions">
          <CopyButton text={() => location.href} label="Copy link to what is shown" icon="link">
            Link
          </CopyButton>
          <a
            class="button"
            href={ofRun(`/api/traces/${id}/export`)}
            download={`trace-${id}.json`}
            title="Export as JSON"
          >
            <Icon name="download" />
            Export
          </a>
          <a class="button" href={href('traces', { compare: id })} title="Compare with another trace">
            <Icon name="compare" />
            Compare
          </a>
        </span>
      </div>
      <div class="fact-line">
        <b class="number">{micros(duration)}</b>
        <span class="number">
          {day(start)} {clock(start)}
        </span>
        <span>{count(model.count, 'span')}</span>
        {summary.env && <span>{summary.env}</span>}
        <span class="id">
          <code>{id}</code>
          <CopyButton text={id} label="Copy trace id" isQuiet />
        </span>
        <Shares model={model} />
      </div>
    </header>
  )
}

/** Which services the time was spent in: by what their spans did themselves. */
function Shares({ model }: { model: TraceModel }): JSX.Element {
  const shares = model.skeleton.serviceTable.slice(0, MAX_SHARES)
  return (
    <div
      class="shares"
      role="img"
      aria-label={shares.map(({ service, share }) => `${service} ${percent(share)}`).join(', ')}
    >
      <div class="share-bar">
        {shares.map(({ service, self }) => (
          <i
            key={service}
            class={colourClass(service)}
            style={{ flexGrow: self }}
            title={`${service} ${micros(self)}`}
          />
        ))}
      </div>
      {shares.slice(0, 4).map(({ service, share }) => (
        <span key={service} class={`service ${colourClass(service)}`}>
          {service} <span class="number dim">{percent(share)}</span>
        </span>
      ))}
    </div>
  )
}
