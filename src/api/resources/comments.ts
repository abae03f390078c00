// Comments on events.
// Source: Datadog's documentation of 2020, and what its older clients still send; the reference has them no more.

import { checked, type Id, named, segment, text } from '../call-checks'
import { post, put, remove } from '../requests'
import { type ApiModes, member, Resource, type Result, type Take } from '../resource'
import { type Identified, idOf } from './events'

export interface CommentOptions {
  /** Of a comment to change. Default: a new one is made. */
  readonly commentId?: Id | undefined
  /** Of the event that it is about. Default: a new event. */
  readonly relatedEventId?: Id | undefined
}

const ROOT = '/api/v1/comments'

export class Comments<M extends ApiModes> extends Resource<M> {
  /**
   * Comments on an event, or changes a comment.
   *
   * Endpoint: `POST /api/v1/comments`, or `PUT /api/v1/comments/{commentId}`, with API key and application key.
   * @deprecated Datadog documents it no more: send an event with the same `aggregationKey`
   * @example await api.comment('ops@example.com', 'On it', { relatedEventId: '6327818702635911562' })
   * @param handle of who says it; null for the owner of the application key
   * @returns its id
   */
  async comment(handle: string | null, message: string, options: CommentOptions = {}): Promise<Result<string, M>> {
    const { commentId, ...rest } = checked(options, ['commentId', 'relatedEventId'])
    const body = { ...commentBody(handle, message), ...named(rest) }
    if (commentId === undefined) return this.ask(post(ROOT, body), idOfComment)
    return this.ask(put(pathOf(commentId), body), idOfComment)
  }

  /**
   * Changes a comment.
   *
   * Endpoint: `PUT /api/v1/comments/{commentId}`, with API key and application key.
   * @deprecated Datadog documents it no more
   * @example await api.updateComment('ops@example.com', 'Solved', '6327818702635911562')
   * @returns its id
   */
  async updateComment(handle: string | null, message: string, commentId: Id): Promise<Result<string, M>> {
    const call = put(pathOf(commentId), commentBody(handle, message))
    return this.ask(call, idOfComment)
  }

  /**
   * Deletes a comment.
   *
   * Endpoint: `DELETE /api/v1/comments/{commentId}`, with API key and application key.
   * @deprecated Datadog has withdrawn it, and may refuse it
   * @example await api.deleteComment('6327818702635911562')
   */
  async deleteComment(commentId: Id): Promise<Result<Record<string, unknown> | null, M>> {
    return this.ask(remove(pathOf(commentId)))
  }
}

function pathOf(commentId: Id): string {
  return `${ROOT}/${segment('commentId', commentId)}`
}

function commentBody(handle: string | null, message: string) {
  return { handle: handle === null ? undefined : text('handle', handle), message: text('message', message) }
}

const idOfComment: Take<string> = (body, answer) => idOf(member<Identified>('comment')(body, answer), answer)
