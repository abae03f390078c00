// GraphQL servers: Yoga in CommonJS, Apollo Server as ES modules.

import type { ServerProgram } from '../program'
import { askGraphql } from './graphql-questions'

export const yogaApp: ServerProgram = {
  name: 'yoga-app',
  about: 'GraphQL Yoga on http: queries, mutations, errors, its page',
  packages: { 'graphql-yoga': '5.24.1', graphql: '16.15.0' },
  app: 'yoga-app',
  service: 'yoga-app',
  start: (home) => ({ args: ['server.js'], env: { PORT: String(home.port) } }),
  // Its schema is parsed when it starts.
  besides: /^graphql.parse /,
  ask: (asker) => askGraphql(asker, '/graphql'),
}

export const apolloApp: ServerProgram = {
  name: 'apollo-app',
  about: 'Apollo Server, standalone, as ES modules',
  packages: { '@apollo/server': '5.5.1', graphql: '16.15.0' },
  load: 'import',
  varies: { bodies: [[/nonce([-=])("?)[0-9a-f]{64}/g, 'nonce$1$2*']] },
  app: 'apollo-app',
  service: 'apollo-app',
  start: (home) => ({ args: ['server.mjs'], env: { PORT: String(home.port) } }),
  // Its schema is parsed when it starts.
  besides: /^graphql.parse /,
  ask: (asker) => askGraphql(asker, '/'),
}
