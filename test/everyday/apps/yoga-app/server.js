// A server of GraphQL Yoga on Node's http.

const { createServer } = require('node:http')
const { createSchema, createYoga } = require('graphql-yoga')
const { resolvers, typeDefs } = require('./schema')

const yoga = createYoga({ schema: createSchema({ typeDefs, resolvers }) })
createServer(yoga).listen(Number(process.env.PORT), '127.0.0.1')
