// `dd/metrics`: the clients of metrics, which work without the tracer and do not load it. What a program leaves out when it makes one is
// taken from the environment, which is read here.

import { apiEnvironment } from '../api-transport/api-settings'
import { joinFirstCopy } from '../base/first-copy'
import { once } from '../base/once'
import { apiEnvironmentOf } from '../config/api-environment'
import { readConfig } from '../config/config'
import { metricsEnvironment } from '../config/metrics-environment'
import { useEnvironment } from '../metrics/metrics-environment'

export * from '../metrics'

useEnvironment(
  once(() => metricsEnvironment(readConfig())),
  true,
)
apiEnvironment.use(
  once(() => apiEnvironmentOf(readConfig())),
  true,
)

joinFirstCopy('alone/metrics', module)
