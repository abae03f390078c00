// `dd/api`: the client of Datadog's API, which works without the tracer and does not load it. What a program leaves out when it makes one is
// taken from the environment, which is read here.

import { apiEnvironment } from '../api-transport/api-settings'
import { readApiEnvironment } from '../config/api-environment'

export * from '../api'

apiEnvironment.use(readApiEnvironment, true)
