// Pictures of graphs.
// Source: API reference, "Snapshots" (v1); the one for their state is in none, but used by Datadog's own older clients.

import { named, seconds, type Time, text } from '../call-checks'
import { get } from '../requests'
import { type ApiModes, member, Resource, type Result } from '../resource'

export interface SnapshotOptions {
  /** Events to be marked in it. */
  readonly eventQuery?: string | undefined
  readonly title?: string | undefined
  /** In pixels. */
  readonly width?: number | undefined
  readonly height?: number | undefined
}

export interface Snapshot {
  /** Where the picture will be. */
  readonly snapshot_url: string
  readonly graph_def?: string
  readonly metric_query?: string
  readonly [member: string]: unknown
}

const PATH = '/api/v1/graph/snapshot'

export class Snapshots<M extends ApiModes> extends Resource<M> {
  /**
   * Has a picture of a metric taken: at most 60 an hour for an organisation. `snapshotStatus` says when it is there.
   *
   * Endpoint: `GET /api/v1/graph/snapshot`, with API key and application key.
   * @example const { snapshot_url } = await api.graphSnapshot('system.load.1{*}', new Date('2030-01-01'), new Date('2030-01-02'))
   * @param start seconds since the epoch, or a Date
   * @param end the same
   */
  async graphSnapshot(
    metricQuery: string,
    start: Time,
    end: Time,
    options: SnapshotOptions = {},
  ): Promise<Result<Snapshot, M>> {
    const query = {
      metric_query: text('metricQuery', metricQuery),
      start: seconds('start', start),
      end: seconds('end', end),
      ...named(options, ['eventQuery', 'title', 'width', 'height']),
    }
    return this.ask(get(PATH, query))
  }

  /**
   * Has a picture of a graph taken.
   *
   * Endpoint: `GET /api/v1/graph/snapshot`, with API key and application key.
   * @example
   * const graph = { viz: 'timeseries', requests: [{ q: 'system.load.1{*}' }] }
   * const { snapshot_url } = await api.graphSnapshotFromDef(graph, new Date('2030-01-01'), new Date('2030-01-02'))
   * @param graphDef an object, or its JSON
   * @param start seconds since the epoch, or a Date
   * @param end the same
   */
  async graphSnapshotFromDef(graphDef: string | object, start: Time, end: Time): Promise<Result<Snapshot, M>> {
    const isObject = typeof graphDef === 'object' && graphDef !== null
    const query = {
      graph_def: isObject ? JSON.stringify(graphDef) : text('graphDef', graphDef),
      start: seconds('start', start),
      end: seconds('end', end),
    }
    return this.ask(get(PATH, query))
  }

  /**
   * Says how far a picture is.
   *
   * Endpoint: `GET /api/v1/graph/snapshot_status/{snapshot}`, with API key and application key.
   * @example while ((await api.snapshotStatus(snapshot_url)) !== 200) await setTimeout(1000)
   * @param snapshotUrl as `graphSnapshot` gave it
   * @returns 200 when the picture is there
   */
  async snapshotStatus(snapshotUrl: string): Promise<Result<number, M>> {
    const path = URL.canParse(snapshotUrl) ? new URL(snapshotUrl).pathname : ''
    const name = /\/snapshot\/view\/(.+)\.png$/.exec(path)?.[1]
    if (name === undefined) {
      throw new TypeError('snapshotUrl is the URL that graphSnapshot gave, https://p.datadoghq.com/snapshot/view/….png')
    }
    return this.ask(get(`/api/v1/graph/snapshot_status/${name}`), (body, answer) =>
      Number(member('status_code')(body, answer)),
    )
  }
}
