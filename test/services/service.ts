// What a test asks for when it needs a real server, and what it gets. One file per service implements this: it looks for
// the server, starts or installs it if it must, and proves that it answers before giving it out.

export interface Service {
  /** As in the test report: `PostgreSQL`. */
  readonly name: string
  /** Called once per test run, by the first test that needs it. Rejects only for a mistake in itself. */
  start(): Promise<RunningService | Missing>
}

export interface RunningService {
  /** With user and database where the service has them. */
  readonly url: string
  /** As the server itself says. */
  readonly version: string
  /** Where it comes from: a URL of the environment, an installed program, a package. */
  readonly from: string
  /** Whether it takes several connections at a time. */
  readonly concurrent: boolean
  stop(): Promise<void>
}

export interface Missing {
  /** Everything that was tried, and why it did not work. */
  readonly missing: string
  /** A skip in CI too: what it is made with is not to be had everywhere. */
  readonly isOptional?: boolean
}

export function isMissing(outcome: RunningService | Missing): outcome is Missing {
  return 'missing' in outcome
}
