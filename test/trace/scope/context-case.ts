// One way in which Node comes back to a program, as a row of a table: it leads to a call of `reach`, later, and says what is active there.

/** Whose span is active: that of the flow, that in which what the flows share was made, that of the other flow, or none. */
export type Seen = 'own' | 'maker' | 'other' | 'none'
export type Reach = () => void
export type Run = (reach: Reach) => unknown

export interface ContextCase {
  readonly title: string
  /** Runs in a flow. */
  readonly run?: Run
  /** Runs once, in a span of its own, and makes what the flows share. */
  readonly share?: () => Run
  /** In both flows, or in the first and in the second, and the same by both scopes. Default: `own`. */
  readonly sees?: Seen | readonly [first: Seen, second: Seen]
  /** Why it is not `own`. */
  readonly because?: string
}
