// What both kinds of dashboard have in common: how the API gives them, and how it lists them.
// Source: API reference, "Dashboards" (v1).

import { get } from '../requests'
import type { Send } from '../resource'
import { allPages } from './pages'

export const BOARDS = '/api/v1/dashboard'

/** Of the API, for a request. */
const PAGE_SIZE = 100

/** A name, or an object by the names of the API. */
export type TemplateVariable = string | { readonly name: string; readonly [member: string]: unknown }

export interface DashboardSummary {
  readonly id: string
  readonly title: string
  readonly description: string | null
  readonly layout_type: 'ordered' | 'free'
  readonly url: string
  readonly created_at: string
  readonly modified_at: string
  readonly author_handle: string
  readonly [member: string]: unknown
}

/** With its widgets. */
export interface Dashboard extends DashboardSummary {
  readonly widgets: readonly object[]
  readonly template_variables?: readonly object[] | null
}

/** @param isWhole whether the answer is to be given as it is, with the dashboards of all pages */
export async function allBoards(
  send: Send,
  layout: DashboardSummary['layout_type'],
  isWhole: boolean,
): Promise<DashboardSummary[]> {
  const callAt = (start: number) => get(BOARDS, { count: PAGE_SIZE, start })
  const isShort = (length: number) => length < PAGE_SIZE
  const { found } = await allPages<DashboardSummary>(send, 'dashboards', callAt, isShort)
  if (isWhole) return { dashboards: found } as unknown as DashboardSummary[]
  return found.filter((board) => board.layout_type === layout)
}
