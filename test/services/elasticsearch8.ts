// Elasticsearch 8 for the tests: the server of DD_TEST_ELASTICSEARCH_URL, or from Maven Central.

import { searchServer } from './search-server'

export const elasticsearch8 = searchServer({
  name: 'Elasticsearch 8',
  folder: 'elasticsearch8',
  variable: 'DD_TEST_ELASTICSEARCH_URL',
  module: 'transport-netty4',
})
