// The head of a column that a click sorts by.

import type { Signal } from '@preact/signals'
import type { JSX } from 'preact'

export interface Sorting {
  readonly column: string
  readonly isDown: boolean
}

export function SortHead(props: { name: string; title: string; sort: Signal<Sorting> }): JSX.Element {
  const { name, title, sort } = props
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
