// Takes traces that were exported: from a file that is chosen or dropped on the page.

import { signal } from '@preact/signals'
import type { JSX } from 'preact'
import { useRef } from 'preact/hooks'
import { fetchJson } from '../base/fetch-json'
import { go, traceHref } from '../base/route'
import { Icon } from '../parts/icon'

const failure = signal('')

export async function importTraces(files: FileList | null | undefined): Promise<void> {
  failure.value = ''
  let first: string | undefined
  for (const file of files ?? []) {
    try {
      const { traces } = await fetchJson<{ traces: readonly string[] }>('/api/traces/import', {
        method: 'POST',
        headers: { 'Content-Type': 'application/json' },
        body: file,
      })
      first ??= traces[0]
    } catch (error) {
      failure.value = `${file.name}: ${(error as Error).message}`
    }
  }
  if (first !== undefined) go(traceHref(first))
}

/** Calls `onDrop` with files that are dropped anywhere on the page; returns what ends that. */
export function onDroppedFiles(
  setOver: (isOver: boolean) => void,
  onDrop: (files: FileList | undefined) => void,
): () => void {
  const ending = new AbortController()
  const { signal } = ending
  const over = (event: DragEvent): void => {
    if (!event.dataTransfer?.types.includes('Files')) return
    event.preventDefault()
    setOver(true)
  }
  const drop = (event: DragEvent): void => {
    if (!event.dataTransfer?.types.includes('Files')) return
    event.preventDefault()
    setOver(false)
    onDrop(event.dataTransfer.files)
  }
  document.addEventListener('dragover', over, { signal })
  document.addEventListener('dragleave', (event) => event.relatedTarget === null && setOver(false), { signal })
  document.addEventListener('drop', drop, { signal })
  return () => ending.abort()
}

export function ImportButton(): JSX.Element {
  const input = useRef<HTMLInputElement>(null)
  return (
    <>
      <button type="button" class="button" title="Import traces from a file" onClick={() => input.current?.click()}>
        <Icon name="upload" />
        <span class="wide">Import</span>
      </button>
      <input
        ref={input}
        type="file"
        accept=".json,application/json"
        multiple
        hidden
        aria-label="File of traces"
        onChange={({ currentTarget }) => {
          void importTraces(currentTarget.files).finally(() => {
            currentTarget.value = ''
          })
        }}
      />
      {failure.value !== '' && (
        <p class="toast" role="alert">
          {failure.value}
          <button
            type="button"
            class="quiet-button"
            aria-label="Close"
            onClick={() => {
              failure.value = ''
            }}
          >
            <Icon name="close" />
          </button>
        </p>
      )}
    </>
  )
}
