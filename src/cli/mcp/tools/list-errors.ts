// `list_errors`: what went wrong, the same errors together.

import type { ErrorGroup } from '../../../local-agent/analysis/error-groups'
import { counted } from '../../counted'
import { fitting, short } from '../answer-text'
import { isoTime } from '../figures'
import { limitSchema, number, QUERY_SYNTAX, schema, type Tool, text } from '../tool'

/** Lines of a stack: the place, and who called it. */
const STACK_LINES = 5

/** Frames of Node, and of this package where it is installed. */
const NOT_THE_PROGRAM = /\(node:|at node:|[\\/]node_modules[\\/]dd[\\/]/

export const listErrors: Tool = {
  name: 'list_errors',
  title: 'Errors',
  description:
    'The errors in the traces that the local agent keeps, the same ones grouped: type, message, where, how often, when last, the top of ' +
    'the stack, and a trace to look at with get_trace. Call it when something fails.',
  inputSchema: schema({
    query: { type: 'string', description: `Only of traces that match. ${QUERY_SYNTAX}` },
    limit: limitSchema('groups', 20, 100),
  }),
  async run(client, given, signal) {
    const query = text(given, 'query')
    const limit = number(given, 'limit', 20)
    const { errors } = await client.get<{ errors: ErrorGroup[] }>('/api/errors', { query, limit }, signal)
    const wanted = errors.slice(0, limit)
    if (wanted.length === 0)
      return {
        text: query === '' ? 'No errors.' : `No errors in traces that match ${query}.`,
        structured: { errors: [] },
      }
    const lines = wanted.flatMap((group) => [
      { group, line: lineOf(group) },
      ...stackOf(group).map((line) => ({ group: undefined, line })),
    ])
    const { text: answer, shown } = fitting(
      [`${counted(errors.length, 'kind')} of errors:`],
      lines,
      ({ line }) => line,
      () => {
        return '… more are left out. A query narrows them down, for example service:web.'
      },
    )
    const groups = shown.flatMap(({ group }) => (group === undefined ? [] : [dataOf(group)]))
    return { text: answer, structured: { errors: groups, kinds: errors.length } }
  },
}

function lineOf({ type, message, service, resource, count, last, traceId, spanId }: ErrorGroup): string {
  const what = [type, short(message, 200)].filter(Boolean).join(': ') || 'error'
  return `- ${count}× ${what}, in ${service} ${short(resource, 100)}, last ${isoTime(last)}, trace ${traceId} span ${spanId}`
}

function stackOf({ stack }: ErrorGroup): string[] {
  // The first line repeats type and message; what lies below the program tells nothing of it.
  const lines = stack.split('\n').filter((line) => /^\s+at /.test(line) && !NOT_THE_PROGRAM.test(line))
  return lines.slice(0, STACK_LINES).map((line) => `    ${short(line.trim(), 160)}`)
}

function dataOf({ type, message, service, resource, count, first, last, traceId, spanId, stack }: ErrorGroup): object {
  return {
    type,
    message: short(message, 300),
    service,
    resource: short(resource, 200),
    count,
    first: isoTime(first),
    last: isoTime(last),
    trace_id: traceId,
    span_id: spanId,
    stack: stack
      .split('\n')
      .slice(0, STACK_LINES + 1)
      .join('\n')
      .slice(0, 600),
  }
}
