// Dashboards: what were timeboards, in one column of graphs. A number as id is that of a timeboard, which the older endpoint still has.
// Source: API reference, "Dashboards" (v1); for numbers, Datadog's guide to the timeboard endpoint.

import { array, checked, type Id, isNumeric, segment, text } from '../call-checks'
import { get, post, put, remove } from '../requests'
import { type ApiModes, member, Resource, type Result } from '../resource'
import { allBoards, BOARDS, type Dashboard, type DashboardSummary, type TemplateVariable } from './board'
import { templateVariable, widgetOfGraph } from './board-widgets'

export interface DashboardOptions {
  /** Names, or objects by the names of the API. */
  readonly templateVariables?: readonly TemplateVariable[] | undefined
}

/** Widgets as the API has them, `{definition}`, or graphs of timeboards, `{title, definition: {viz, requests}}`; a list, or its JSON. */
export type Graphs = readonly object[] | string

export class Dashboards<M extends ApiModes> extends Resource<M> {
  /**
   * Makes a dashboard.
   *
   * Endpoint: `POST /api/v1/dashboard`, with API key and application key, permission `dashboards_write`.
   * @example
   * const load = { title: 'Load', definition: { viz: 'timeseries', requests: [{ q: 'avg:system.load.1{*}' }] } }
   * const id = await api.createDashboard('Hosts', 'How they are', [load])
   * @returns its id, `abc-def-ghi`
   */
  async createDashboard(
    title: string,
    description: string,
    graphs: Graphs,
    options: DashboardOptions = {},
  ): Promise<Result<string, M>> {
    const body = dashboardBody(title, description, graphs, options)
    return this.ask(post(BOARDS, body), member('id'))
  }

  /**
   * Replaces a dashboard.
   *
   * Endpoint: `PUT /api/v1/dashboard/{dashId}`, or `PUT /api/v1/dash/{dashId}` for a number, with API key and application key, permission
   * `dashboards_write`.
   * @example await api.updateDashboard('abc-def-ghi', 'Hosts', 'How they are now', [load])
   * @returns its id
   */
  async updateDashboard(
    dashId: Id,
    title: string,
    description: string,
    graphs: Graphs,
    options: DashboardOptions = {},
  ): Promise<Result<string | number, M>> {
    const path = pathOf(dashId)
    if (!isNumeric(dashId)) {
      const body = dashboardBody(title, description, graphs, options)
      return this.ask(put(path, body), member<string | number>('id'))
    }
    const { templateVariables = [] } = checked(options, ['templateVariables'])
    const body = {
      title: text('title', title),
      description,
      graphs: listOf(graphs),
      template_variables: array('templateVariables', templateVariables),
    }
    return this.ask(put(path, body), (board, answer) =>
      member<string | number>('id')(member('dash')(board, answer), answer),
    )
  }

  /**
   * Gives a dashboard.
   *
   * Endpoint: `GET /api/v1/dashboard/{dashId}`, or `GET /api/v1/dash/{dashId}` for a number, with API key and application key, permission
   * `dashboards_read`.
   * @example const { widgets } = await api.dashboard('abc-def-ghi')
   */
  async dashboard(dashId: Id): Promise<Result<Dashboard, M>> {
    const call = get(pathOf(dashId))
    return isNumeric(dashId) ? this.ask(call, member('dash')) : this.ask(call)
  }

  /**
   * Lists the dashboards in columns, by as many requests as there are hundreds of all dashboards.
   *
   * Endpoint: `GET /api/v1/dashboard`, with API key and application key, permission `dashboards_read`.
   * @example const titles = (await api.dashboards()).map(({ title }) => title)
   */
  async dashboards(): Promise<Result<DashboardSummary[], M>> {
    return this.run((send, isWhole) => allBoards(send, 'ordered', isWhole))
  }

  /**
   * Deletes a dashboard.
   *
   * Endpoint: `DELETE /api/v1/dashboard/{dashId}`, or `DELETE /api/v1/dash/{dashId}` for a number, with API key and application key,
   * permission `dashboards_write`.
   * @example await api.deleteDashboard('abc-def-ghi')
   */
  async deleteDashboard(dashId: Id): Promise<Result<{ readonly deleted_dashboard_id: string } | null, M>> {
    return this.ask(remove(pathOf(dashId)))
  }
}

function pathOf(dashId: Id): string {
  return `${isNumeric(dashId) ? '/api/v1/dash' : BOARDS}/${segment('dashId', dashId)}`
}

function dashboardBody(title: string, description: string, graphs: Graphs, options: DashboardOptions) {
  const { templateVariables = [] } = checked(options, ['templateVariables'])
  return {
    title: text('title', title),
    description,
    layout_type: 'ordered',
    widgets: listOf(graphs).map(widgetOfGraph),
    template_variables: array('templateVariables', templateVariables).map(templateVariable),
  }
}

function listOf(graphs: Graphs): readonly object[] {
  if (typeof graphs !== 'string') return array('graphs', graphs)
  try {
    return array('graphs', JSON.parse(graphs) as object[])
  } catch {
    throw new TypeError('graphs is a list of graphs, or its JSON')
  }
}
