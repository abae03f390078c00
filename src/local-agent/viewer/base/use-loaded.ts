// Loads something from the agent and keeps it fresh: what is shown stays until its successor is there, an answer that is
// overtaken is dropped, and a burst of changes asks once.

import { useEffect, useRef, useState } from 'preact/hooks'
import { type AgentError, fetchJson } from './fetch-json'

export interface Loaded<T> {
  readonly value: T | undefined
  readonly error: AgentError | undefined
  readonly isLoading: boolean
  /** Asks again, soon. */
  readonly refresh: () => void
}

/** Often enough to look live, seldom enough to stay quiet under load. */
const REFRESH_MS = 500

/** @param path undefined loads nothing */
export function useLoaded<T>(path: string | undefined): Loaded<T> {
  const [state, setState] = useState<{ path?: string | undefined; value?: T; error?: AgentError | undefined }>({})
  const timer = useRef<ReturnType<typeof setTimeout> | undefined>(undefined)
  const load = useRef<() => void>(() => {})

  useEffect(() => {
    if (path === undefined) return
    const aborting = new AbortController()
    let isBusy = false
    let isStale = false
    load.current = async () => {
      isStale = true
      if (isBusy) return
      isBusy = true
      while (isStale && !aborting.signal.aborted) {
        isStale = false
        try {
          const value = await fetchJson<T>(path, { signal: aborting.signal })
          if (!aborting.signal.aborted) setState({ path, value })
        } catch (error) {
          if (!aborting.signal.aborted) setState((now) => ({ ...now, path, error: error as AgentError }))
        }
      }
      isBusy = false
    }
    load.current()
    return () => {
      aborting.abort()
      clearTimeout(timer.current)
      timer.current = undefined
    }
  }, [path])

  const refresh = (): void => {
    timer.current ??= setTimeout(() => {
      timer.current = undefined
      load.current()
    }, REFRESH_MS)
  }
  return { value: state.value, error: state.error, isLoading: state.path !== path, refresh }
}
