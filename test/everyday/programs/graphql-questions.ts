// What clients ask the two GraphQL servers, which serve the same schema.

import type { Asker } from '../asker'

const PATHS_WITH_ERROR = 'query Broken { broken book(id: 1) { title } }'

export async function askGraphql(asker: Asker, path: string): Promise<void> {
  const ask = `POST ${path}`
  const executed = (operation: string) => ({ spans: [`graphql.execute ${operation}`] })
  await asker.send(ask, { json: { query: '{ books { title author { name } } }' }, ...executed('query') })
  await asker.send(ask, {
    json: { query: 'query Book($id: ID!) { book(id: $id) { title later } }', variables: { id: 2 } },
    ...executed('query Book'),
  })
  await asker.send(ask, {
    json: { query: 'mutation Add($title: String!) { add(title: $title) { id title } }', variables: { title: 'New' } },
    ...executed('mutation Add'),
  })
  await asker.send(ask, {
    json: { query: PATHS_WITH_ERROR },
    errors: /^graphql.(execute query Broken|resolve broken:String)/,
    ...executed('query Broken'),
  })
  await asker.send(ask, { json: { query: '{ nothing }' }, errors: /^graphql.validate / })
  await asker.send(ask, { json: { query: '{ books {' }, errors: /^graphql.parse / })
  await asker.send(ask, { json: { query: '{ __schema { types { name fields { name } } } }' } })
  await asker.send(ask, {
    json: { query: 'query A { books { id } } query B { book(id: 1) { id } }', operationName: 'B' },
  })
  await asker.send(ask, { json: {} })
  await asker.send(ask, { body: '{"query', headers: { 'content-type': 'application/json' } })
  const search = new URLSearchParams({ query: '{ book(id: 1) { title } }' })
  await asker.send(`GET ${path}?${search}`, { headers: { 'apollo-require-preflight': 'yes' } })
  await asker.send(`GET ${path}`, { headers: { accept: 'text/html' } })
  await asker.send(`OPTIONS ${path}`, {
    headers: { origin: 'http://example.com', 'access-control-request-method': 'POST' },
  })
  await asker.send(`PUT ${path}`, { json: { query: '{ books { id } }' } })
  await asker.send('GET /missing')
  await asker.together(
    Array.from({ length: 20 }, () => ask),
    { json: { query: 'query Many { books { id title later } }' }, ...executed('query Many') },
  )
}
