// Metrics and service checks: data for Datadog's intake, in bodies of a size that it takes, compressed, and in several requests if need be.
// Source: API reference, "Metrics" (v1 and v2), "Service Checks" (v1), "Authentication" (v1).

import { ENDPOINTS } from '../../api-transport/api-endpoints'
import { array, checked, mustBe, named, type OneOrMore, object, type Time, text } from '../call-checks'
import { postAll, type Taken } from '../intake-posts'
import {
  checkedSeries,
  type DistributionPoints,
  type DistributionSeries,
  distributionPoints,
  type MetricPoints,
  metricPoints,
  type Series,
  type SeriesV2,
  tagsOf,
} from '../metric-series'
import { get } from '../requests'
import { type ApiModes, Resource, type Result } from '../resource'

export interface DistributionOptions {
  /** Default: the name of this machine. */
  readonly host?: string | undefined
  readonly tags?: OneOrMore | undefined
}

export interface MetricOptions extends DistributionOptions {
  readonly device?: string | undefined
  /** Default: `gauge`. */
  readonly metricType?: 'gauge' | 'count' | 'counter' | 'rate' | undefined
  /** Seconds that a count or a rate is about. */
  readonly interval?: number | undefined
}

/** OK, warning, critical, unknown. */
export type CheckStatus = 0 | 1 | 2 | 3

export interface ServiceCheckOptions {
  /** Seconds since the epoch, or a Date: 10 minutes back at most. Default: now. */
  readonly timestamp?: Time | undefined
  readonly message?: string | undefined
  readonly tags?: OneOrMore | undefined
}

/** By the names of the API. */
export interface CheckRun {
  readonly check: string
  readonly host_name: string
  readonly status: CheckStatus
  readonly tags: readonly string[]
  readonly timestamp?: number | undefined
  readonly message?: string | undefined
}

export class Metrics<M extends ApiModes> extends Resource<M> {
  /**
   * Sends points of a metric.
   *
   * Endpoint: `POST /api/v1/series`, with the API key.
   * @example await api.metric('jobs.waiting', 42, { tags: ['queue:mail'] })
   * @param points a number, which is now; `[time, number]`; or a list of those. Times are seconds since the epoch or Dates, from an hour
   * back to ten minutes ahead: Datadog drops others without a word
   */
  async metric(name: string, points: MetricPoints, options: MetricOptions = {}): Promise<Result<Taken, M>> {
    const known = ['host', 'device', 'tags', 'metricType', 'interval'] as const
    const { host, device, tags, metricType = 'gauge', interval } = checked(options, known)
    const { defaults } = this.parts
    const series = {
      metric: text('name', name),
      points: metricPoints(points, defaults.nowSeconds),
      type: metricType === 'counter' ? 'count' : metricType,
      interval,
      host,
      device,
      tags: tagsOf(tags),
    }
    return this.run(async (send) => {
      const all = [{ ...series, host: host ?? (await defaults.host()) }]
      return postAll(send, 'series-v1', all, defaults.nowSeconds)
    })
  }

  /**
   * Sends series of several metrics, as they are.
   *
   * Endpoint: `POST /api/v1/series`, or `POST /api/v2/series` if asked for, with the API key.
   * @example await api.metrics([{ metric: 'jobs.done', type: 'count', interval: 60, points: [[1893456000, 7]], tags: ['queue:mail'] }])
   * @param options.api the version of the API whose names the series have; default: `v1`
   */
  async metrics(series: readonly SeriesV2[], options: { readonly api: 'v2' }): Promise<Result<Taken, M>>
  async metrics(series: readonly Series[], options?: { readonly api?: 'v1' | undefined }): Promise<Result<Taken, M>>
  async metrics(
    series: readonly (Series | SeriesV2)[],
    options: { readonly api?: 'v1' | 'v2' | undefined } = {},
  ): Promise<Result<Taken, M>> {
    const { api = 'v1' } = checked(options, ['api'])
    mustBe(api === 'v1' || api === 'v2', 'api', 'v1 or v2', api)
    const given = checkedSeries<Series | SeriesV2>(series)
    const { nowSeconds } = this.parts.defaults
    return this.run((send) => postAll(send, `series-${api}`, given, nowSeconds))
  }

  /**
   * Sends values of a distribution, of which Datadog works out percentiles over all hosts.
   *
   * Endpoint: `POST /api/v1/distribution_points`, with the API key.
   * @example await api.distribution('job.seconds', [1.2, 0.7, 3.1], { tags: ['queue:mail'] })
   * @param points a number or several, which are now; or a list of `[time, numbers]`
   */
  async distribution(
    name: string,
    points: DistributionPoints,
    options: DistributionOptions = {},
  ): Promise<Result<Taken, M>> {
    const { host, tags } = checked(options, ['host', 'tags'])
    const { defaults } = this.parts
    const series = {
      metric: text('name', name),
      type: 'distribution',
      points: distributionPoints(points, defaults.nowSeconds),
      host,
      tags: tagsOf(tags),
    }
    return this.run(async (send) => {
      const all = [{ ...series, host: host ?? (await defaults.host()) }]
      return postAll(send, 'distributions', all, defaults.nowSeconds)
    })
  }

  /**
   * Sends values of several distributions, as they are.
   *
   * Endpoint: `POST /api/v1/distribution_points`, with the API key.
   * @example await api.distributions([{ metric: 'job.seconds', points: [[1893456000, [1.2, 0.7]]] }])
   */
  async distributions(series: readonly DistributionSeries[]): Promise<Result<Taken, M>> {
    const given = checkedSeries(series)
    return this.run((send) => postAll(send, 'distributions', given, this.parts.defaults.nowSeconds))
  }

  /**
   * Tells how a service is.
   *
   * Endpoint: `POST /api/v1/check_run`, with the API key.
   * @example await api.serviceCheck('mail.can_connect', 'web-1', 2, { message: 'Connection refused', tags: ['queue:mail'] })
   * @param host where it was checked
   * @param status 0 OK, 1 warning, 2 critical, 3 unknown
   */
  async serviceCheck(
    check: string,
    host: string,
    status: CheckStatus,
    options: ServiceCheckOptions = {},
  ): Promise<Result<Taken, M>> {
    const body = {
      check: text('check', check),
      host_name: text('host', host),
      timestamp: this.parts.defaults.nowSeconds,
      status: checkedStatus(status),
      ...named(options, ['timestamp', 'message', 'tags']),
    }
    return this.ask({ verb: 'POST', path: ENDPOINTS.checks.path, body, isIdempotent: true })
  }

  /**
   * Tells how several services are, as it is given.
   *
   * Endpoint: `POST /api/v1/check_run`, with the API key.
   * @example await api.serviceChecks([{ check: 'mail.can_connect', host_name: 'web-1', status: 0, tags: [] }])
   */
  async serviceChecks(checks: readonly CheckRun[]): Promise<Result<Taken, M>> {
    for (const { status } of array('checks', checks).map((one) => object('a check', one))) checkedStatus(status)
    return this.run((send) => postAll(send, 'checks', checks, this.parts.defaults.nowSeconds))
  }

  /**
   * Says whether the API key is one of this site.
   *
   * Endpoint: `GET /api/v1/validate`, with the API key.
   * @example if (isError(await api.validate())) throw new Error('DD_API_KEY is not valid')
   */
  async validate(): Promise<Result<{ readonly valid: boolean }, M>> {
    return this.ask(get('/api/v1/validate'))
  }
}

function checkedStatus(status: CheckStatus): CheckStatus {
  mustBe([0, 1, 2, 3].includes(status), 'status', '0 (OK), 1 (warning), 2 (critical) or 3 (unknown)', status)
  return status
}
