// Which servers have been asked for: each is started once, and shared by all that need it.

import type { Missing, RunningService, Service } from './service'

export const outcomes = new Map<Service, Promise<RunningService | Missing>>()

export function obtain(service: Service): Promise<RunningService | Missing> {
  const outcome = outcomes.get(service) ?? service.start()
  outcomes.set(service, outcome)
  return outcome
}
