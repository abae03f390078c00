// A request that the local agent does not carry out: the HTTP status to answer with, and a reason for a human.
//
// Everything below the routes throws one of these; the routes turn it into a reply, in one place.

export class Refusal extends Error {
  /** @param details what a program may want to know beside the reason; members of the reply */
  constructor(
    readonly status: number,
    reason: string,
    readonly details: Readonly<Record<string, unknown>> = {},
  ) {
    super(reason)
  }
}
