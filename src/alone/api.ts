// `dd/api`: the client of Datadog's API, which works without the tracer and does not load it. What a program leaves out when it makes one is
// taken from the environment, which is read here.

import { apiEnvironment } from '../api-transport/api-settings'
import { joinFirstCopy } from '../base/first-copy'
import { once } from '../base/once'
import { apiEnvironmentOf } from '../config/api-environment'
import { readConfig } from '../config/config'

export * from '../api'

apiEnvironment.use(
  once(() => apiEnvironmentOf(readConfig())),
  true,
)

joinFirstCopy('alone/api', module)
