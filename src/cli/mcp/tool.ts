// What a tool of `dog mcp` is: a question to the local agent, with an answer that is short enough for a language model to read.

import type { AgentClient } from '../agent-client'

export interface ArgumentSchema {
  readonly type: 'string' | 'integer'
  readonly description: string
  readonly minimum?: number
  readonly maximum?: number
}

/** A JSON Schema, of the few words that these tools need. */
export interface InputSchema {
  readonly type: 'object'
  readonly properties: Readonly<Record<string, ArgumentSchema>>
  readonly required?: readonly string[]
  readonly additionalProperties: false
}

export interface ToolAnswer {
  readonly text: string
  /** The same as data. */
  readonly structured: Readonly<Record<string, unknown>>
}

export type Arguments = Readonly<Record<string, string | number | undefined>>

export interface Tool {
  readonly name: string
  readonly title: string
  /** Says when to call it. */
  readonly description: string
  readonly inputSchema: InputSchema
  /** @param given fits the schema */
  run(client: AgentClient, given: Arguments, signal: AbortSignal): Promise<ToolAnswer>
}

/** What the model can put right, told to it as the answer. */
export class ToolError extends Error {}

/** The syntax in a nutshell, for the descriptions of queries. */
export const QUERY_SYNTAX =
  "Datadog's search syntax: service:web env:dev status:error operation_name:pg.query resource_name:*users* " +
  '@http.status_code:>=500 duration:>100ms type:sql trace_id:… with AND, OR, -, parentheses, quotes, * and ?; ' +
  'a bare word is found anywhere. A trace matches if one of its spans matches the whole query.'

export function schema(properties: Readonly<Record<string, ArgumentSchema>>, ...required: string[]): InputSchema {
  return { type: 'object', properties, ...(required.length > 0 && { required }), additionalProperties: false }
}

export function limitSchema(what: string, otherwise: number, maximum: number): ArgumentSchema {
  return { type: 'integer', description: `How many ${what}, ${otherwise} if left out.`, minimum: 1, maximum }
}

export function text(given: Arguments, name: string): string {
  return String(given[name] ?? '')
}

export function number(given: Arguments, name: string, otherwise: number): number {
  return Number(given[name] ?? otherwise)
}
