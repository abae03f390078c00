// Calls a tool, and turns whatever goes wrong into an answer from which a model learns what to do: start an agent, ask differently.

import { AgentAway, type AgentClient, AgentRefusal } from '../agent-client'
import { checkArguments } from './check-arguments'
import { QUERY_SYNTAX, type Tool, ToolError } from './tool'

interface CallResult {
  readonly content: readonly { readonly type: 'text'; readonly text: string }[]
  readonly structuredContent?: Readonly<Record<string, unknown>>
  readonly isError?: true
}

export async function callTool(
  tool: Tool,
  client: AgentClient,
  given: unknown,
  signal: AbortSignal,
): Promise<CallResult> {
  try {
    const { text, structured } = await tool.run(client, checkArguments(tool.name, tool.inputSchema, given), signal)
    return { content: [{ type: 'text', text }], structuredContent: structured }
  } catch (error) {
    return { content: [{ type: 'text', text: advice(error, client.url) }], isError: true }
  }
}

function advice(error: unknown, url: string): string {
  if (error instanceof ToolError) return error.message
  if (error instanceof AgentAway && error.isOther) {
    return (
      `${sentence(error.message)} Start one at another port, \`npx dog agent --port 8127\`, send the program's traces there ` +
      'with DD_TRACE_AGENT_URL=http://localhost:8127, and start this server as `dog mcp --port 8127`.'
    )
  }
  if (error instanceof AgentAway) {
    return (
      `${sentence(error.message)} Start one with \`npx dog agent\` and the program with \`node --require dd/init app.js\`, or both with ` +
      `\`npx dog run -- node app.js\`. If it is somewhere else than ${url}, start this server as \`dog mcp --port <n>\`.`
    )
  }
  if (error instanceof AgentRefusal && error.at !== undefined) {
    return `The query is wrong at character ${error.at + 1}: ${error.message}. ${QUERY_SYNTAX}`
  }
  if (error instanceof AgentRefusal && /^trace /.test(error.message)) {
    return `${sentence(error.message)} search_traces lists those that are there.`
  }
  if (error instanceof AgentRefusal && /^span /.test(error.message)) {
    return `${sentence(error.message)} get_trace without span_id lists them.`
  }
  if (error instanceof AgentRefusal) return `The local agent refused: ${error.message}`
  return `dog mcp failed: ${error instanceof Error ? error.message : String(error)}`
}

function sentence(text: string): string {
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}.`
}
