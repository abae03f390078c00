// What is asked, in the order of the page.

import * as aggregatorCall from './aggregator-call.mjs'
import * as contextSwitch from './context-switch.mjs'
import * as disabled from './disabled.mjs'
import * as encoding from './encoding.mjs'
import * as memory from './memory.mjs'
import * as metricCall from './metric-call.mjs'
import * as pluginCall from './plugin-call.mjs'
import * as propagationCost from './propagation-cost.mjs'
import * as rateZero from './rate-zero.mjs'
import * as requestCost from './request-cost.mjs'
import * as samplerDecision from './sampler-decision.mjs'
import * as spanCost from './span-cost.mjs'
import * as spanScaling from './span-scaling.mjs'
import * as stackCost from './stack-cost.mjs'
import * as startUp from './start-up.mjs'

/**
 * Each has `name`, `question`, `rounds`, `measure` (a sample of one peer, once a round) or `measureRound` (of all peers), and `report`,
 * which makes a table. It may have `peers` (its own in place of all tracers), `cannot(peer, major)` (why one is left out),
 * `nodes` (for the page, where not all), `reference`, `open` (what all rounds share, and `close`; or what is `missing`),
 * and `targets`.
 */
export const QUESTIONS = [
  spanCost,
  spanScaling,
  encoding,
  requestCost,
  stackCost,
  rateZero,
  disabled,
  pluginCall,
  contextSwitch,
  startUp,
  memory,
  samplerDecision,
  propagationCost,
  metricCall,
  aggregatorCall,
]
