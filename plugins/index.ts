// The list of plugins: name, the packages it patches, and its file, which is loaded when one of them is.

import type { Plugin, PluginEntry } from '../src/plugin'

type PluginFile = { default: Plugin }

export const plugins: readonly PluginEntry[] = [
  { name: 'http', modules: ['http', 'https'], load: () => (require('./http') as PluginFile).default },
  { name: 'http2', modules: ['http2'], isDear: true, load: () => (require('./http2') as PluginFile).default },
  { name: 'undici', modules: ['undici'], isNodesToo: true, load: () => (require('./undici') as PluginFile).default },
  { name: 'connect', modules: ['connect'], load: () => (require('./connect') as PluginFile).default },
  { name: 'router', modules: ['router'], load: () => (require('./router') as PluginFile).default },
  { name: 'express', modules: ['express', 'router'], load: () => (require('./express') as PluginFile).default },
  { name: 'mysql2', modules: ['mysql2'], load: () => (require('./mysql2') as PluginFile).default },
  { name: 'mariadb', modules: ['mariadb'], load: () => (require('./mariadb') as PluginFile).default },
  { name: 'mysql', modules: ['mysql'], load: () => (require('./mysql') as PluginFile).default },
  { name: 'bullmq', modules: ['bullmq'], load: () => (require('./bullmq') as PluginFile).default },
  { name: 'ioredis', modules: ['ioredis'], load: () => (require('./ioredis') as PluginFile).default },
  {
    name: 'redis',
    modules: ['redis', '@redis/client', '@node-redis/client'],
    load: () => (require('./redis') as PluginFile).default,
  },
  { name: 'pg', modules: ['pg', 'pg-pool'], load: () => (require('./pg') as PluginFile).default },
  { name: 'postgres', modules: ['postgres'], load: () => (require('./postgres') as PluginFile).default },
  {
    name: 'cassandra-driver',
    modules: ['cassandra-driver'],
    load: () => (require('./cassandra-driver') as PluginFile).default,
  },
  { name: 'fastify', modules: ['fastify', 'find-my-way'], load: () => (require('./fastify') as PluginFile).default },
  { name: 'mongodb', modules: ['mongodb'], load: () => (require('./mongodb') as PluginFile).default },
  { name: 'mongoose', modules: ['mongoose'], load: () => (require('./mongoose') as PluginFile).default },
  { name: 'memcached', modules: ['memcached'], load: () => (require('./memcached') as PluginFile).default },
  { name: 'memjs', modules: ['memjs'], load: () => (require('./memjs') as PluginFile).default },
  { name: 'keyv', modules: ['keyv'], load: () => (require('./keyv') as PluginFile).default },
  {
    name: 'cache-manager',
    modules: ['cache-manager'],
    load: () => (require('./cache-manager') as PluginFile).default,
  },
  { name: 'amqplib', modules: ['amqplib'], load: () => (require('./amqplib') as PluginFile).default },
  {
    name: 'elasticsearch',
    modules: ['elasticsearch', '@elastic/elasticsearch', '@elastic/transport'],
    load: () => (require('./elasticsearch') as PluginFile).default,
  },
  {
    name: 'opensearch',
    modules: ['@opensearch-project/opensearch'],
    load: () => (require('./opensearch') as PluginFile).default,
  },
  {
    name: 'koa',
    modules: ['koa', '@koa/router', 'koa-router'],
    load: () => (require('./koa') as PluginFile).default,
  },
  {
    name: 'better-sqlite3',
    modules: ['better-sqlite3'],
    load: () => (require('./better-sqlite3') as PluginFile).default,
  },
  { name: 'generic-pool', modules: ['generic-pool'], load: () => (require('./generic-pool') as PluginFile).default },
  { name: 'sqlite3', modules: ['sqlite3'], load: () => (require('./sqlite3') as PluginFile).default },
  { name: 'graphql', modules: ['graphql'], load: () => (require('./graphql') as PluginFile).default },
  { name: 'kafkajs', modules: ['kafkajs'], load: () => (require('./kafkajs') as PluginFile).default },
  {
    name: 'child_process',
    modules: ['child_process'],
    isOffByDefault: true,
    load: () => (require('./child-process') as PluginFile).default,
  },
  { name: 'dns', modules: ['dns'], isOffByDefault: true, load: () => (require('./dns') as PluginFile).default },
  { name: 'net', modules: ['net'], isOffByDefault: true, load: () => (require('./net') as PluginFile).default },
  { name: 'fs', modules: ['fs'], isOffByDefault: true, load: () => (require('./fs') as PluginFile).default },
  { name: 'node-sqlite', modules: ['node:sqlite'], load: () => (require('./node-sqlite') as PluginFile).default },
  { name: 'hono', modules: ['hono'], load: () => (require('./hono') as PluginFile).default },
  { name: 'nestjs', modules: ['@nestjs/core'], load: () => (require('./nestjs') as PluginFile).default },
  { name: 'hapi', modules: ['@hapi/hapi'], load: () => (require('./hapi') as PluginFile).default },
  { name: 'restify', modules: ['restify'], load: () => (require('./restify') as PluginFile).default },
  { name: 'grpc', modules: ['@grpc/grpc-js'], load: () => (require('./grpc') as PluginFile).default },
  { name: 'tedious', modules: ['tedious'], load: () => (require('./tedious') as PluginFile).default },
  { name: 'nats', modules: ['nats', '@nats-io/nats-core'], load: () => (require('./nats') as PluginFile).default },
]
