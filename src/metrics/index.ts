// The public names of the metrics, for `dd/metrics`.

export type { ApiCheckOptions, ApiEventOptions } from './aggregator/api-event'
export type { ApiCounts } from './aggregator/api-stats'
export { DogStatsApi, type DogStatsApiParts } from './aggregator/dog-stats-api'
export type { DogStatsApiOptions } from './aggregator/dog-stats-options'
export type { SeriesTransport } from './aggregator/series-transport'
export type { ClientCounts } from './client-stats'
export type { CollectorOptions } from './collector/collecting'
export type { CollectOptions } from './collector/collector-call'
export type { CollectorCounts } from './collector/collector-stats'
export { DogstatsdCollector, type RunOptions } from './collector/dogstatsd-collector'
export type { MetricSink } from './collector/metric-sink'
export { RequestCollectors } from './collector/request-collectors'
export { DogStatsd, type Names, type TimerOptions } from './dogstatsd/dogstatsd'
export type {
  AggregationOptions,
  DogStatsdOptions,
  DogStatsdScope,
  TelemetryOptions,
} from './dogstatsd/dogstatsd-options'
export type { EventOptions } from './dogstatsd/event-line'
export type { MetricOptions, PointOptions } from './dogstatsd/metric-options'
export type { ServiceCheckOptions, ServiceStatus } from './dogstatsd/service-check-line'
export type { DurationLike } from './duration'
export type { OnError } from './error-reporter'
export { MetricsError, type MetricsErrorCode } from './metrics-error'
export { Pipeline } from './statsd/pipeline'
export { StatsClient, type StatsClientOptions } from './statsd/statsd-client'
export { TCPStatsClient, type TCPStatsClientOptions } from './statsd/tcp-stats-client'
export { UnixSocketStatsClient, type UnixSocketStatsClientOptions } from './statsd/unix-socket-stats-client'
export { type TagList, type TagObject, TagSet, type Tags } from './tag-set'
export { Timer } from './timer'
export { type OpenTransportOptions, openTransport } from './transport/open-transport'
export type { PacketListener, Transport } from './transport/transport'
