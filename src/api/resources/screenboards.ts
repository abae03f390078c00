// Screenboards: dashboards whose widgets stand where they are put. A number as id is one of the older endpoint, which still has it.
// Source: API reference, "Dashboards" (v1); for numbers, Datadog's guide to the screenboard endpoint.

import { type Id, isNumeric, object, segment } from '../call-checks'
import { get, post, put, remove } from '../requests'
import { type ApiModes, member, Resource, type Result } from '../resource'
import { allBoards, BOARDS, type Dashboard, type DashboardSummary } from './board'
import { boardOfScreen } from './board-widgets'

/** A dashboard as the API has it (with `layout_type`), or a screenboard (`board_title`, `widgets` with `x`, `y`, `width`, `height`). */
export type ScreenboardDescription = Readonly<Record<string, unknown>>

export interface SharedBoard {
  readonly board_id: string | number
  readonly public_url: string
}

export class Screenboards<M extends ApiModes> extends Resource<M> {
  /**
   * Makes a dashboard whose widgets stand where they are put.
   *
   * Endpoint: `POST /api/v1/dashboard`, with API key and application key, permission `dashboards_write`.
   * @example
   * const image = { type: 'image', url: 'https://example.com/map.png', x: 0, y: 0, width: 32, height: 20 }
   * const { id } = await api.createScreenboard({ board_title: 'Map', widgets: [image] })
   */
  async createScreenboard(description: ScreenboardDescription): Promise<Result<Dashboard, M>> {
    const body = boardOfScreen(object('description', description))
    return this.ask(post(BOARDS, body))
  }

  /**
   * Replaces one.
   *
   * Endpoint: `PUT /api/v1/dashboard/{boardId}`, or `PUT /api/v1/screen/{boardId}` for a number, with API key and application key,
   * permission `dashboards_write`.
   * @example await api.updateScreenboard('abc-def-ghi', { board_title: 'Map', widgets: [] })
   */
  async updateScreenboard(boardId: Id, description: ScreenboardDescription): Promise<Result<Dashboard, M>> {
    object('description', description)
    const body = isNumeric(boardId) ? description : boardOfScreen(description)
    return this.ask(put(pathOf(boardId), body))
  }

  /**
   * Gives one.
   *
   * Endpoint: `GET /api/v1/dashboard/{boardId}`, or `GET /api/v1/screen/{boardId}` for a number, with API key and application key,
   * permission `dashboards_read`.
   * @example const { widgets } = await api.getScreenboard('abc-def-ghi')
   */
  async getScreenboard(boardId: Id): Promise<Result<Dashboard, M>> {
    return this.ask(get(pathOf(boardId)))
  }

  /**
   * Lists them, by as many requests as there are hundreds of all dashboards.
   *
   * Endpoint: `GET /api/v1/dashboard`, with API key and application key, permission `dashboards_read`.
   * @example const titles = (await api.getAllScreenboards()).map(({ title }) => title)
   */
  async getAllScreenboards(): Promise<Result<DashboardSummary[], M>> {
    return this.run((send, isWhole) => allBoards(send, 'free', isWhole))
  }

  /**
   * Deletes one.
   *
   * Endpoint: `DELETE /api/v1/dashboard/{boardId}`, or `DELETE /api/v1/screen/{boardId}` for a number, with API key and application key,
   * permission `dashboards_write`.
   * @example await api.deleteScreenboard('abc-def-ghi')
   */
  async deleteScreenboard(boardId: Id): Promise<Result<Record<string, unknown>, M>> {
    return this.ask(remove(pathOf(boardId)))
  }

  /**
   * Makes one visible to whoever knows its address.
   *
   * Endpoint: `POST /api/v1/dashboard/public`, or `POST /api/v1/screen/share/{boardId}` for a number, with API key and application key,
   * permission `dashboards_public_share`.
   * @example const { public_url } = await api.shareScreenboard('abc-def-ghi')
   */
  async shareScreenboard(boardId: Id): Promise<Result<SharedBoard, M>> {
    const id = segment('boardId', boardId)
    if (isNumeric(boardId)) return this.ask(post(`/api/v1/screen/share/${id}`))
    const body = { dashboard_id: boardId, dashboard_type: 'custom_screenboard', share_type: 'open' }
    return this.ask(post(`${BOARDS}/public`, body), (shared, answer) => ({
      board_id: member<string>('dashboard_id')(shared, answer),
      public_url: member<string>('public_url')(shared, answer),
    }))
  }
}

function pathOf(boardId: Id): string {
  return `${isNumeric(boardId) ? '/api/v1/screen' : BOARDS}/${segment('boardId', boardId)}`
}
