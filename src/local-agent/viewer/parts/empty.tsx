// What a view says while it has nothing to show: why, and what to do next, with commands that fit this agent's port.

import type { ComponentChildren, JSX } from 'preact'
import { AgentError } from '../base/fetch-json'
import { CopyButton } from './copy-button'

/** Tracers look at 8126 by themselves. */
const agentUrl = location.port === '8126' ? '' : `DD_TRACE_AGENT_URL=${location.origin} `

export const startCommand = `${agentUrl}node --require dd/init app.js`

export function Empty(props: { title: string; children?: ComponentChildren }): JSX.Element {
  return (
    <div class="empty">
      <h2>{props.title}</h2>
      {props.children}
    </div>
  )
}

export const Command = ({ text }: { text: string }): JSX.Element => (
  <div class="command">
    <code>{text}</code>
    <CopyButton text={text} label="Copy command" isQuiet />
  </div>
)

export function Failure({ error }: { error: Error }): JSX.Element {
  const isAway = error instanceof AgentError && error.status === 0
  return (
    <div class="empty" role="alert">
      <h2>{isAway ? 'The agent is away' : 'That did not work'}</h2>
      <p>{isAway ? 'This page goes on by itself when it is back. To start it:' : error.message}</p>
      {isAway && <Command text={`npx dog agent --port ${location.port || '80'}`} />}
    </div>
  )
}
