// The tools of `dog mcp`, in the order in which they are of use.

import type { Tool } from '../tool'
import { compareTraces } from './compare-traces'
import { getTrace } from './get-trace'
import { listErrors } from './list-errors'
import { listServices } from './list-services'
import { queryMetrics } from './query-metrics'
import { searchLogs } from './search-logs'
import { searchTraces } from './search-traces'

export const tools: readonly Tool[] = [
  listServices,
  searchTraces,
  getTrace,
  listErrors,
  queryMetrics,
  compareTraces,
  searchLogs,
]
