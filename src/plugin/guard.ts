// Reports a fault of a plugin: once per step, by name, and the program goes on.

import { kindOf, log } from '../base/log'

export class Guard {
  constructor(private readonly plugin: string) {}

  report(step: string, fault: unknown): void {
    log.once(
      `plugin ${this.plugin} ${step}`,
      `the ${this.plugin} plugin failed in ${step} (${kindOf(fault)}); the call itself is not affected`,
    )
  }
}
