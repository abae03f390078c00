// What a producer or consumer of kafkajs knows of its brokers. The library keeps it in closures: the client makes a cluster for
// each of them by a method of its own that nobody else can name.

import type { Span } from '../../src/plugin'

export interface Client {
  producer(...args: unknown[]): unknown
  consumer(...args: unknown[]): unknown
}

export interface Cluster {
  readonly brokerPool?: {
    readonly metadata?: { readonly clusterId?: string | null } | null
    /** Since 2.0 a broker has several connections. */
    readonly seedBroker?: { readonly connection?: Address; readonly connectionPool?: Address }
  }
}

interface Address {
  readonly host: string
  readonly port: number
}

const CREATE_CLUSTER = 'private:Kafka:createCluster'

/** A stand-in for the client that remembers the cluster it makes. */
export function clusterOf(client: Client): { readonly client: Client; cluster?: Cluster } {
  const key = Object.getOwnPropertySymbols(client).find(({ description }) => description === CREATE_CLUSTER)
  if (key === undefined) return { client }
  const create = (client as never)[key] as (...args: unknown[]) => Cluster
  const watched: { client: Client; cluster?: Cluster } = { client }
  watched.client = Object.create(client, {
    [key]: {
      value: (...args: unknown[]) => {
        watched.cluster = create(...args)
        return watched.cluster
      },
    },
  }) as Client
  return watched
}

/** At the end of a call: the first one finds out where the cluster is. */
export function tagCluster(span: Span, cluster: Cluster | undefined): void {
  const { metadata, seedBroker } = cluster?.brokerPool ?? {}
  const address = seedBroker?.connectionPool ?? seedBroker?.connection
  if (address !== undefined) span.put('messaging.kafka.bootstrap.servers', `${address.host}:${address.port}`)
  const clusterId = metadata?.clusterId
  if (typeof clusterId === 'string') span.put('kafka.cluster_id', clusterId)
}
