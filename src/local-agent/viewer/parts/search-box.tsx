// The box for a query in Datadog's syntax: it suggests fields and their values while one types, and shows where a query
// goes wrong.

import type { JSX } from 'preact'
import { useEffect, useRef, useState } from 'preact/hooks'
import type { AgentError } from '../base/fetch-json'
import { useKeys } from '../base/keys'
import type { Facet } from '../wire'
import { Icon } from './icon'
import { complete, isBetweenTerms, isField, type Suggestion, suggest } from './suggestions'

interface SearchBoxProps {
  readonly value: string
  readonly placeholder: string
  readonly label: string
  readonly facets?: readonly Facet[] | undefined
  /** Of the last answer; one that is about the query is shown here. */
  readonly error?: AgentError | undefined
  readonly onQuery: (query: string) => void
  /** Leaves the box for what it found. */
  readonly onLeave?: () => void
}

/** A pause in typing that long asks the agent. */
const PAUSE_MS = 220

export function SearchBox(props: SearchBoxProps): JSX.Element {
  const { value, placeholder, label, facets = [], onQuery, onLeave } = props
  const error = props.error?.status === 400 ? props.error : undefined
  const input = useRef<HTMLInputElement>(null)
  const [text, setText] = useState(value)
  const [isOpen, setOpen] = useState(false)
  const [chosen, setChosen] = useState(-1)
  const [caret, setCaret] = useState(0)
  const timer = useRef<ReturnType<typeof setTimeout> | undefined>(undefined)
  const sent = useRef(value)
  const known = useRef(facets)

  useEffect(() => {
    // The address changed from elsewhere: a facet, the back button.
    if (value !== sent.current) {
      sent.current = value
      setText(value)
    }
  }, [value])
  useKeys({
    '/': () => {
      input.current?.focus()
      input.current?.select()
    },
  })

  const send = (query: string): void => {
    clearTimeout(timer.current)
    sent.current = query
    onQuery(query)
  }
  const type = (query: string): void => {
    setText(query)
    setOpen(true)
    setChosen(-1)
    setCaret(input.current?.selectionStart ?? query.length)
    clearTimeout(timer.current)
    timer.current = setTimeout(() => send(query), PAUSE_MS)
  }
  // A term that is begun is asked for, too, and may find nothing: suggestions are of what was found before it.
  if (!isOpen || known.current.length === 0 || isBetweenTerms(text, caret)) known.current = facets
  const suggestions = isOpen ? suggest(text, caret, known.current) : []
  const take = (suggestion: Suggestion): void => {
    const { query, at } = complete(text, suggestion)
    setText(query)
    setCaret(at)
    setChosen(-1)
    setOpen(isField(suggestion))
    if (!isField(suggestion)) send(query)
    requestAnimationFrame(() => input.current?.setSelectionRange(at, at))
  }
  const onKeyDown = (event: KeyboardEvent): void => {
    const { key } = event
    if (key === 'ArrowDown' && suggestions.length > 0) setChosen((chosen + 1) % suggestions.length)
    else if (key === 'ArrowUp' && suggestions.length > 0)
      setChosen((chosen + suggestions.length) % (suggestions.length + 1) === suggestions.length ? -1 : chosen - 1)
    else if ((key === 'Enter' || key === 'Tab') && suggestions[chosen]) take(suggestions[chosen])
    else if (key === 'Enter') {
      setOpen(false)
      send(text)
      input.current?.blur()
      onLeave?.()
    } else if (key === 'Escape' && isOpen && suggestions.length > 0) setOpen(false)
    else if (key === 'Escape' || key === 'ArrowDown') {
      input.current?.blur()
      onLeave?.()
    } else return
    event.preventDefault()
    event.stopPropagation()
  }

  const listId = 'suggestions'
  return (
    <search class="search">
      <div class={`search-box ${error ? 'wrong' : ''}`}>
        <Icon name="search" />
        <input
          ref={input}
          type="text"
          role="combobox"
          aria-label={label}
          aria-expanded={suggestions.length > 0}
          aria-controls={listId}
          aria-autocomplete="list"
          aria-activedescendant={chosen >= 0 ? `suggestion-${chosen}` : undefined}
          aria-invalid={error !== undefined}
          autocomplete="off"
          spellcheck={false}
          placeholder={placeholder}
          value={text}
          onInput={({ currentTarget }) => type(currentTarget.value)}
          onKeyDown={onKeyDown}
          onFocus={() => setOpen(true)}
          onBlur={() => setOpen(false)}
          onSelect={({ currentTarget }) => setCaret(currentTarget.selectionStart ?? 0)}
        />
        {text !== '' && (
          <button
            type="button"
            class="quiet-button"
            aria-label="Clear the search"
            onClick={() => {
              setText('')
              send('')
            }}
          >
            <Icon name="close" />
          </button>
        )}
        <kbd>/</kbd>
      </div>
      {suggestions.length > 0 && (
        <div class="suggestions" id={listId} role="listbox" aria-label="Suggestions">
          {suggestions.map((suggestion, index) => (
            <div
              key={suggestion.term}
              id={`suggestion-${index}`}
              role="option"
              tabIndex={-1}
              aria-selected={index === chosen}
              // The box would lose the focus before the click.
              onMouseDown={(event) => {
                event.preventDefault()
                take(suggestion)
              }}
            >
              <span>{suggestion.term}</span>
              <small>{suggestion.note}</small>
            </div>
          ))}
        </div>
      )}
      {error && (
        <div class="search-error" role="alert">
          {error.at !== undefined && (
            <code>
              {value.slice(Math.max(0, error.at - 24), error.at)}
              <mark>{value.slice(error.at, error.at + 16) || '\u00a0'}</mark>
              {value.slice(error.at + 16, error.at + 40)}
            </code>
          )}
          {error.message}
        </div>
      )}
    </search>
  )
}
