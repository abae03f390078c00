// `dd/metrics`: the clients of metrics, which work without the tracer and do not load it. What a program leaves out when it makes one is
// taken from the environment, which is read here.

import { joinFirstCopy } from '../base/first-copy'
import { readConfig } from '../config/config'
import { metricsEnvironment } from '../config/metrics-environment'
import { useEnvironment } from '../metrics/metrics-environment'

export * from '../metrics'

let known: ReturnType<typeof metricsEnvironment> | undefined

useEnvironment(() => {
  known ??= metricsEnvironment(readConfig())
  return known
}, true)

joinFirstCopy('alone/metrics', module)
