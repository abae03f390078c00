// A table with a head that stays, of which only the rows that are seen are drawn; and the order in which its rows stand.

import type { Signal } from '@preact/signals'
import type { ComponentChildren, JSX } from 'preact'
import { VirtualList, type VirtualListProps } from './virtual-list'

export interface Sorting {
  readonly column: string
  readonly isDown: boolean
}

export type Column = readonly [name: string, title: string, ...more: unknown[]]

interface GridProps extends VirtualListProps {
  readonly label: string
  /** The class of its rows; the columns of a style sheet go by it. */
  readonly rowClass?: string
  readonly columns?: readonly Column[]
  /** Given, a click on a column sorts by it. */
  readonly sort?: Signal<Sorting>
  readonly children?: ComponentChildren
}

export function Grid({
  label,
  rowClass = '',
  columns = [],
  sort,
  class: name,
  children,
  ...rest
}: GridProps): JSX.Element {
  return (
    <VirtualList
      {...rest}
      class={`table ${name ?? ''}`}
      role="grid"
      tabIndex={0}
      aria-label={label}
      aria-rowcount={rest.count}
    >
      {columns.length > 0 && (
        <div class={`${rowClass} head`} role="row" data-sticky>
          {columns.map(([column, title]) =>
            sort === undefined ? (
              <span key={column} class={column} role="columnheader">
                {title}
              </span>
            ) : (
              <SortHead key={column} name={column} title={title} sort={sort} />
            ),
          )}
        </div>
      )}
      {children}
    </VirtualList>
  )
}

/** A sorted copy. */
export function sorted<T>(rows: readonly T[], key: (row: T) => number | string, isDown: boolean): T[] {
  const sign = isDown ? -1 : 1
  return [...rows].sort((a, b) => (key(a) < key(b) ? -sign : key(a) > key(b) ? sign : 0))
}

function SortHead({ name, title, sort }: { name: string; title: string; sort: Signal<Sorting> }): JSX.Element {
  const { column, isDown } = sort.value
  const isSorted = column === name
  return (
    <span class={name} role="columnheader" aria-sort={isSorted ? (isDown ? 'descending' : 'ascending') : 'none'}>
      <button
        type="button"
        class={isSorted ? 'sorted' : ''}
        onClick={() => {
          sort.value = { column: name, isDown: isSorted ? !isDown : true }
        }}
      >
        {title}
        {isSorted ? (isDown ? ' ↓' : ' ↑') : ''}
      </button>
    </span>
  )
}
