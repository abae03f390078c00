// A list that draws only the rows that are seen, so that a hundred thousand cost what fifty do. All rows have one height, which
// the style sheets get as `--row`: where a row is needs no measuring.

import type { ComponentChildren, HTMLAttributes, JSX } from 'preact'
import { useEffect, useLayoutEffect, useRef, useState } from 'preact/hooks'

export interface VirtualListProps extends Omit<HTMLAttributes<HTMLDivElement>, 'onScroll' | 'ref'> {
  readonly count: number
  /** Pixels. */
  readonly rowHeight: number
  readonly row: (index: number) => ComponentChildren
  /** A row that is kept in sight when it changes. */
  readonly selected?: number | undefined
  /** How far it is scrolled, in rows and in pixels. */
  readonly onScrolled?: (top: number) => void
  /** Receives the element that scrolls. */
  readonly scroller?: { current: HTMLDivElement | null }
}

/** Rows beyond what is seen, so that a quick scroll does not show holes. */
const OVERSCAN = 8

export function VirtualList(props: VirtualListProps): JSX.Element {
  const { count, rowHeight, row, selected, onScrolled, scroller, children, ...rest } = props
  const own = useRef<HTMLDivElement>(null)
  const [first, setFirst] = useState(0)
  const [visible, setVisible] = useState(40)

  useLayoutEffect(() => {
    const element = own.current
    if (element === null) return
    if (scroller) scroller.current = element
    const measure = (): void => setVisible(Math.ceil(element.clientHeight / rowHeight))
    const observer = new ResizeObserver(measure)
    observer.observe(element)
    measure()
    return () => observer.disconnect()
  }, [rowHeight])

  useEffect(() => {
    const element = own.current
    if (element === null || selected === undefined || selected < 0) return
    const top = selected * rowHeight
    const head = element.querySelector<HTMLElement>('[data-sticky]')?.offsetHeight ?? 0
    if (top < element.scrollTop) element.scrollTop = top - rowHeight
    else if (top + rowHeight > element.scrollTop + element.clientHeight - head)
      element.scrollTop = top + rowHeight * 2 + head - element.clientHeight
  }, [selected, rowHeight])

  const from = Math.max(0, Math.min(first, count - visible) - OVERSCAN)
  const to = Math.min(count, from + visible + 2 * OVERSCAN)
  const rows: ComponentChildren[] = []
  for (let index = from; index < to; index++) rows.push(row(index))
  return (
    <div
      {...rest}
      ref={own}
      onScroll={({ currentTarget }) => {
        setFirst(Math.floor(currentTarget.scrollTop / rowHeight))
        onScrolled?.(currentTarget.scrollTop)
      }}
    >
      {children}
      <div class="virtual" role="presentation" style={{ height: `${count * rowHeight}px`, '--row': `${rowHeight}px` }}>
        <div class="virtual-rows" role="presentation" style={{ transform: `translateY(${from * rowHeight}px)` }}>
          {rows}
        </div>
      </div>
    </div>
  )
}
