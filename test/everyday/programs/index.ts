// The programs, in the order of the table: servers first.

import type { EverydayProgram } from '../program'
import { chatApp } from './chat-app'
import { eleventy } from './eleventy'
import { eslint } from './eslint'
import { expressStarter } from './express-starter'
import { fastifyStarter } from './fastify-starter'
import { apolloApp, yogaApp } from './graphql-servers'
import { httpServer } from './http-server'
import { jest } from './jest'
import { jsonServer } from './json-server'
import { koaApp } from './koa-app'
import { mocha } from './mocha'
import { nestStarter } from './nest-starter'
import { nodeRed } from './node-red'
import { npm } from './npm'
import { prettier } from './prettier'
import { proxyApp } from './proxy-app'
import { rollup } from './rollup'
import { serve } from './serve'
import { tsc } from './tsc'
import { verdaccio } from './verdaccio'
import { vite } from './vite'
import { webpack } from './webpack'

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
  npm,
  tsc,
  eslint,
  prettier,
  webpack,
  rollup,
  vite,
  jest,
  mocha,
  eleventy,
]
