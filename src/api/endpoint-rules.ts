// What is to be known of an endpoint besides what it does: which keys and which permission it needs, and what there is in the place of what
// Datadog no longer documents. Calls ask it before they are sent, errors and `dog api` tell it.
// Source of permissions: the specification of the API, version 1 and 2, where it names them.

export interface EndpointRule {
  /** Whether the API key is enough: data is only taken. */
  readonly isIntake: boolean
  readonly permission: string | undefined
  /** Of what Datadog has withdrawn from its documentation. */
  readonly instead: string | undefined
}

const BOARD_ID = 'the id of the dashboard that it has become is text such as abc-def-ghi'
const SHARE = 'dashboards_public_share'

/**
 * By the verb and the path, without the query; the first that fits holds. `%` in a permission is `read` for GET, else `write`. Without any it
 * is the intake.
 */
const RULES: readonly (readonly [endpoint: RegExp, permission?: string, instead?: string])[] = [
  [/^POST \/api\/v\d\/(?:series|distribution_points|check_run|events)$|\/validate$/],
  [/\/v1\/events/, 'events_read'],
  [/\/comments/, '', 'send an event with the same aggregationKey instead, event()'],
  [
    /\/monitor\/.*mute/,
    'monitors_write',
    'schedule a downtime instead, scheduleDowntime(), with a tag that the monitors have',
  ],
  [/\/monitor|^GET .*\/downtime/, 'monitors_%'],
  [/\/downtime/, 'monitors_downtime'],
  [/\/dashboard\/public/, SHARE],
  [/\/screen\/share/, SHARE, BOARD_ID],
  [/\/dashboard/, 'dashboards_%'],
  [/\/(?:dash|screen)(?:\/|$)/, 'dashboards_%', BOARD_ID],
  [/\/snapshot_status/, '', 'ask for the picture itself: until it is ready it has fewer than 200 bytes'],
  [/\/v1\/search/, 'metrics_read'],
  [/\/v1\/hosts/, 'hosts_read'],
  [/\/v2\/user/, 'user_access_invite'],
]

export function ruleOf(verb: string, path: string): EndpointRule {
  const [, permission, instead] = RULES.find(([endpoint]) => endpoint.test(`${verb} ${path}`)) ?? [0, '']
  return {
    isIntake: permission === undefined,
    permission: permission?.replace('%', verb === 'GET' ? 'read' : 'write') || undefined,
    instead,
  }
}
