// The programs, in the order of the table: servers first.

import type { EverydayProgram } from '../program'
import { chatApp } from './chat-app'
import { expressStarter } from './express-starter'
import { fastifyStarter } from './fastify-starter'
import { apolloApp, yogaApp } from './graphql-servers'
import { httpServer } from './http-server'
import { jsonServer } from './json-server'
import { koaApp } from './koa-app'
import { nestStarter } from './nest-starter'
import { nodeRed } from './node-red'
import { proxyApp } from './proxy-app'
import { serve } from './serve'
import { verdaccio } from './verdaccio'

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
]
