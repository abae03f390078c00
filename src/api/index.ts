// The public names of the API client, for `dd/api`.

export type { Verb } from './api-caller'
export type { Id, OneOrMore, Time } from './call-checks'
export type { CallOptions, DogHttpApiOptions, DogHttpApiParts } from './client-options'
export { DogHttpApi } from './dog-http-api'
export {
  ApiError,
  type ApiFailure,
  ClientError,
  DatadogError,
  HttpBackoff,
  HttpTimeout,
  isError,
  type RateLimit,
} from './errors'
export type { Taken } from './intake-posts'
export type { DistributionPoints, DistributionSeries, MetricPoints, Series, SeriesV2 } from './metric-series'
export type { ApiModes, Result } from './resource'
export type { AlertOptions, UpdateAlertOptions } from './resources/alerts'
export type { Dashboard, DashboardSummary, TemplateVariable } from './resources/board'
export type { CommentOptions } from './resources/comments'
export type { DashboardOptions, Graphs } from './resources/dashboards'
export type { Downtime, DowntimeOptions, ScheduleDowntimeOptions, UpdateDowntimeOptions } from './resources/downtimes'
export type { ApiEvent, EventAlertType, EventOptions, EventPriority, StreamOptions } from './resources/events'
export type { HostTagsOptions, TagSource } from './resources/host-tags'
export type {
  CheckRun,
  CheckStatus,
  DistributionOptions,
  MetricOptions,
  ServiceCheckOptions,
} from './resources/metrics'
export type {
  AllMonitorsOptions,
  GetMonitorOptions,
  GlobalDowntime,
  GroupState,
  Monitor,
  MonitorOptions,
  MonitorType,
} from './resources/monitors'
export type { ScreenboardDescription, SharedBoard } from './resources/screenboards'
export type { Found } from './resources/search'
export type { Snapshot, SnapshotOptions } from './resources/snapshots'
