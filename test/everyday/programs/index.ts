// The programs, in the order of the table: servers first.

import type { EverydayProgram } from '../program'
import { chatApp } from './chat-app'
import { clientsApp } from './clients-app'
import { clusterApp } from './cluster-app'
import { eleventy } from './eleventy'
import { eslint } from './eslint'
import { expressStarter } from './express-starter'
import { fastifyStarter } from './fastify-starter'
import { apolloApp, yogaApp } from './graphql-servers'
import { honoApp } from './hono-app'
import { httpServer } from './http-server'
import { jest } from './jest'
import { jsonServer } from './json-server'
import { koaApp } from './koa-app'
import { mocha } from './mocha'
import { nestStarter } from './nest-starter'
import { nextApp } from './next-app'
import { nodeRed } from './node-red'
import { nodeTest } from './node-test'
import { npm } from './npm'
import { nyc } from './nyc'
import { pm2 } from './pm2'
import { prettier } from './prettier'
import { proxyApp } from './proxy-app'
import { queueApp } from './queue-app'
import { rollup } from './rollup'
import { sequelizeApp } from './sequelize-app'
import { serve } from './serve'
import { tsc } from './tsc'
import { typeormApp } from './typeorm-app'
import { tsNode, tsx } from './typescript-runners'
import { verdaccio } from './verdaccio'
import { vite } from './vite'
import { vitest } from './vitest'
import { webpack } from './webpack'
import { workerApp } from './worker-app'

export const everydayPrograms: readonly EverydayProgram[] = [
  verdaccio,
  nodeRed,
  serve,
  httpServer,
  jsonServer,
  expressStarter,
  fastifyStarter,
  nestStarter,
  koaApp,
  yogaApp,
  apolloApp,
  proxyApp,
  chatApp,
  queueApp,
  sequelizeApp,
  honoApp,
  typeormApp,
  clientsApp,
  workerApp,
  clusterApp,
  pm2,
  nextApp,
  npm,
  tsc,
  eslint,
  prettier,
  webpack,
  rollup,
  vite,
  jest,
  mocha,
  vitest,
  nodeTest,
  nyc,
  tsNode,
  tsx,
  eleventy,
]
