// What the settings say about single plugins: the options that a plugin has where the program gives it none.

import type { Config } from './config'

/** By the name of the plugin. */
export function pluginDefaults(config: Config): Readonly<Record<string, Readonly<Record<string, unknown>>>> {
  const { headerTags: headers, clientIp, clientIpHeader, resourceRenaming, queryStringObfuscation } = config
  const server = { errorStatuses: config.httpServerErrorStatuses, queryStringObfuscation }
  const client = { errorStatuses: config.httpClientErrorStatuses, headers }
  const http = { server: { ...server, headers, clientIp, clientIpHeader, resourceRenaming }, client }
  const database = { dbmPropagationMode: config.dbmPropagationMode }
  const middleware = { middleware: config.middlewareTracing }
  return {
    http,
    http2: http,
    undici: client,
    express: middleware,
    router: middleware,
    connect: middleware,
    koa: middleware,
    hono: middleware,
    grpc: {
      client: { errorStatuses: config.grpcClientErrorStatuses },
      server: { errorStatuses: config.grpcServerErrorStatuses },
    },
    pg: database,
    postgres: database,
    mysql: database,
    mysql2: database,
    mariadb: database,
    tedious: database,
    mongodb: { ...database, obfuscateQuery: config.mongodbObfuscateQuery, heartbeatEnabled: config.mongodbHeartbeat },
    memcached: { memcachedCommandEnabled: config.memcachedCommand },
    graphql: {
      collapse: config.graphqlCollapse,
      depth: config.graphqlDepth,
      variables: config.graphqlVariables,
      errorExtensions: config.graphqlErrorExtensions,
    },
  }
}
