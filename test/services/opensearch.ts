// OpenSearch for the tests: the server of DD_TEST_OPENSEARCH_URL, or from Maven Central.

import { searchServer } from './search-server'

export const opensearch = searchServer({
  name: 'OpenSearch',
  folder: 'opensearch',
  variable: 'DD_TEST_OPENSEARCH_URL',
})
