// What stands beside a list and tells more about one of its lines. On a narrow screen it takes the place of the list.

import type { ComponentChildren, JSX } from 'preact'
import { useRef } from 'preact/hooks'
import { rememberedNumber } from '../base/remembered'
import { Icon } from './icon'

/** Pixels. */
const MIN = 300
const MAX = 900
const width = rememberedNumber('panel-width', 440, MIN, MAX)

export function SidePanel(props: { label: string; onClose: () => void; children: ComponentChildren }): JSX.Element {
  const isDragging = useRef(false)
  const resize = (pixels: number): void => {
    width.value = Math.round(Math.max(MIN, Math.min(MAX, pixels)))
  }
  return (
    <aside class="side-panel" aria-label={props.label} style={{ '--panel': `${width.value}px` }}>
      <div
        class="divider"
        role="separator"
        tabIndex={0}
        aria-label="Width of the panel"
        aria-orientation="vertical"
        aria-valuenow={width.value}
        aria-valuemin={MIN}
        aria-valuemax={MAX}
        onPointerDown={(event) => {
          isDragging.current = true
          event.currentTarget.setPointerCapture(event.pointerId)
        }}
        onPointerMove={(event) => {
          const right = event.currentTarget.parentElement?.getBoundingClientRect().right
          if (isDragging.current && right !== undefined) resize(right - event.clientX)
        }}
        onPointerUp={() => {
          isDragging.current = false
        }}
        onKeyDown={(event) => {
          const by = event.key === 'ArrowLeft' ? 20 : event.key === 'ArrowRight' ? -20 : 0
          if (by === 0) return
          event.stopPropagation()
          event.preventDefault()
          resize(width.peek() + by)
        }}
      />
      <button
        type="button"
        class="quiet-button close"
        aria-label="Close the panel"
        title="Close (Esc)"
        onClick={props.onClose}
      >
        <Icon name="close" />
      </button>
      <div class="panel-body">{props.children}</div>
    </aside>
  )
}
