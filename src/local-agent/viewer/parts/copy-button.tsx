// Copies a text, and says that it did.

import type { JSX } from 'preact'
import { useState } from 'preact/hooks'
import { Icon, type IconName } from './icon'

/** How long it says so. */
const SAID_MS = 1400

export function CopyButton(props: {
  text: string | (() => string)
  label: string
  icon?: IconName
  isQuiet?: boolean
  children?: string
}): JSX.Element {
  const { text, label, icon = 'copy', isQuiet = false, children } = props
  const [isDone, setDone] = useState(false)
  const copy = async (): Promise<void> => {
    await navigator.clipboard.writeText(typeof text === 'string' ? text : text())
    setDone(true)
    setTimeout(() => setDone(false), SAID_MS)
  }
  return (
    <button
      type="button"
      class={isQuiet ? 'quiet-button' : 'button'}
      title={label}
      aria-label={isDone ? 'Copied' : label}
      onClick={() => void copy().catch(() => {})}
    >
      <Icon name={isDone ? 'check' : icon} />
      {children}
    </button>
  )
}
