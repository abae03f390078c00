// Elasticsearch 7 for the tests, which answers all clients: the server of DD_TEST_ELASTICSEARCH7_URL, or from Maven Central.

import { searchServer } from './search-server'

export const elasticsearch7 = searchServer({
  name: 'Elasticsearch 7',
  folder: 'elasticsearch7',
  variable: 'DD_TEST_ELASTICSEARCH7_URL',
})
