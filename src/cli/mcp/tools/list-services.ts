// `list_services`: what runs, how it fares, and who calls whom.

import type { ServiceMap } from '../../../local-agent/analysis/service-map'
import { counted } from '../../counted'
import { fitting } from '../answer-text'
import { microsText, millis } from '../figures'
import { schema, type Tool, text } from '../tool'

export const listServices: Tool = {
  name: 'list_services',
  title: 'Services',
  description:
    'The services, databases, caches and hosts seen in the traces that the local agent keeps, with requests, errors and ' +
    'latencies, and which calls which. Call it first, to learn what there is and how services are named.',
  inputSchema: schema({
    service: { type: 'string', description: 'Only this service and what is next to it.' },
    hops: { type: 'integer', description: 'How far around it, 1 if left out.', minimum: 1, maximum: 10 },
  }),
  async run(client, given, signal) {
    const focus = text(given, 'service') || undefined
    const parameters = { focus, hops: focus && (given['hops'] ?? 1) }
    const { services, edges, capped } = await client.get<ServiceMap>('/api/services', parameters, signal)
    if (services.length === 0) {
      const none = focus === undefined ? 'No traces have come yet.' : `There is no service ${focus}.`
      return {
        text: `${none} ${focus === undefined ? 'Make a request to the program.' : 'Call it without service to see all.'}`,
        structured: { services: [], calls: [] },
      }
    }
    const rows = [
      ...services.map((service) => ({ service })),
      ...(edges.length > 0 ? [{ heading: 'Calls:' }] : []),
      ...edges.map((edge) => ({ edge })),
    ]
    const left = capped ? `, ${capped} more are left out` : ''
    const { text: answer, shown } = fitting<Row>(
      [`${counted(services.length, 'service')}${left}:`],
      rows,
      lineOf,
      (count) => {
        return `… ${rows.length - count} more lines. Give service to see one and its neighbours.`
      },
    )
    return {
      text: answer,
      structured: {
        services: shown.flatMap(({ service }) =>
          service === undefined
            ? []
            : [
                {
                  ...service,
                  p50: undefined,
                  p95: undefined,
                  p99: undefined,
                  p50_ms: millis(service.p50),
                  p95_ms: millis(service.p95),
                  p99_ms: millis(service.p99),
                },
              ],
        ),
        calls: shown.flatMap(({ edge }) =>
          edge === undefined ? [] : [{ ...edge, p95: undefined, p95_ms: millis(edge.p95) }],
        ),
      },
    }
  },
}

interface Row {
  readonly service?: ServiceMap['services'][number]
  readonly edge?: ServiceMap['edges'][number]
  readonly heading?: string
}

function lineOf({ service, edge, heading = '' }: Row): string {
  if (service !== undefined) {
    const { name, type, requests, errors, p50, p95, p99, isExternal } = service
    const kind = [type, isExternal ? 'seen from its clients only' : ''].filter(Boolean).join(', ')
    const times = `p50 ${microsText(p50)}, p95 ${microsText(p95)}, p99 ${microsText(p99)}`
    return `- ${name}${kind && ` (${kind})`}: ${counted(requests, 'request')}, ${counted(errors, 'error')}, ${times}`
  }
  if (edge === undefined) return heading
  const { from, to, calls, errors, p95 } = edge
  return `- ${from} → ${to}: ${counted(calls, 'call')}, ${counted(errors, 'error')}, p95 ${microsText(p95)}`
}
