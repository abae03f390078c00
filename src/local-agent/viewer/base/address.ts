// An address with a query, of the page or of what it asks the agent.

export type Params = Readonly<Record<string, string | number | undefined>>

/** What is undefined or empty is left out. */
export function address(path: string, params: Params): string {
  const query = new URLSearchParams()
  for (const [name, value] of Object.entries(params))
    if (value !== undefined && value !== '') query.set(name, String(value))
  const text = query.toString()
  return text === '' ? path : `${path}?${text}`
}
