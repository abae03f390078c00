// Asks the agent. What it refuses comes as an AgentError with its reason, and with the place of the mistake in a query.

import { ofRun } from './run'

export class AgentError extends Error {
  constructor(
    message: string,
    /** 0 if the agent did not answer at all. */
    readonly status: number,
    /** Position of the mistake in the query that was sent. */
    readonly at?: number,
  ) {
    super(message)
  }
}

export async function fetchJson<T>(path: string, init: RequestInit = {}): Promise<T> {
  let response: Response
  let body: unknown
  try {
    response = await fetch(init.method === undefined ? ofRun(path) : path, init)
    // A refusal may come without a reason; an answer that breaks off is none.
    body = await (response.ok ? response.json() : response.json().catch(() => ({})))
  } catch (error) {
    if (init.signal?.aborted) throw error
    throw new AgentError('The agent does not answer.', 0)
  }
  if (response.ok) return body as T
  const { error, at } = body as { error?: unknown; at?: unknown }
  const reason = typeof error === 'string' ? error : `The agent answered ${response.status}.`
  throw new AgentError(reason, response.status, typeof at === 'number' ? at : undefined)
}
