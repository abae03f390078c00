// Makes widgets out of the graphs of timeboards and the tiles of screenboards, so that descriptions from before 2019 still work. What is not
// understood is passed on: Datadog's own words are better than a guess.
// Source: Datadog's guides to both older endpoints; specification of the API, `WidgetDefinition`.

import type { TemplateVariable } from './board'

type Fields = Readonly<Record<string, unknown>>

/** `{title, definition: {viz, requests, events, …}}`; one whose definition has a type is a widget already. */
export function widgetOfGraph(graph: object): object {
  const { title, definition } = (isFields(graph) ? graph : {}) as { title?: unknown; definition?: unknown }
  if (!isFields(definition) || definition['type'] !== undefined) return graph
  return { definition: definitionOf(definition, title) }
}

export function templateVariable(variable: TemplateVariable): object {
  return typeof variable === 'string' ? { name: variable } : variable
}

/** One with a `layout_type` is a dashboard already. */
export function boardOfScreen(description: Fields): Fields {
  if (description['layout_type'] !== undefined) return description
  const { board_title, title, widgets, template_variables, width, height, read_only, ...rest } = description
  return {
    title: board_title ?? title,
    layout_type: 'free',
    widgets: Array.isArray(widgets) ? widgets.map(widgetOfTile) : widgets,
    ...(template_variables !== undefined && {
      template_variables: Array.isArray(template_variables)
        ? template_variables.map(templateVariable)
        : template_variables,
    }),
    ...rest,
  }
}

function widgetOfTile(tile: unknown): unknown {
  if (!isFields(tile) || tile['definition'] !== undefined) return tile
  const { x, y, width, height, tile_def, title_text, title, title_size, timeframe, type, ...rest } = tile
  const heading = title_text ?? (typeof title === 'boolean' ? undefined : title)
  const definition = {
    ...(isFields(tile_def) ? definitionOf({ viz: type, ...tile_def }, undefined) : { tile_def }),
    ...(type !== undefined && { type }),
    title: heading,
    title_size: title_size === undefined ? undefined : String(title_size),
    time: typeof timeframe === 'string' ? { live_span: timeframe } : undefined,
    ...rest,
  }
  return { definition, layout: { x, y, width, height } }
}

function definitionOf({ viz, requests, events, noMetricHosts, noGroupHosts, ...rest }: Fields, title: unknown): Fields {
  const type = viz ?? 'timeseries'
  return {
    type,
    title,
    requests: requestsOf(type, requests),
    events: Array.isArray(events) && events.length === 0 ? undefined : events,
    no_metric_hosts: noMetricHosts,
    no_group_hosts: noGroupHosts,
    ...rest,
  }
}

function requestsOf(type: unknown, requests: unknown): unknown {
  if (!Array.isArray(requests)) return requests
  if (type === 'timeseries') return requests.map(timeseriesRequest)
  if (type !== 'hostmap') return requests
  if (!requests.every((request) => isFields(request) && typeof request['type'] === 'string')) return requests
  // `fill` and `size` of a map are its members, and no list.
  return Object.fromEntries((requests as Fields[]).map(({ type: role, ...request }) => [role, request]))
}

function timeseriesRequest(request: unknown): unknown {
  if (!isFields(request)) return request
  const { type, style, ...rest } = request
  const display = type === undefined ? {} : { display_type: type }
  if (!isFields(style)) return { ...rest, ...display, style }
  const { type: lineType, width: lineWidth, ...look } = style
  return { ...rest, ...display, style: { line_type: lineType, line_width: lineWidth, ...look } }
}

function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
