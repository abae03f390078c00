// One thing that the doctor has found, in plain words.

/** `wrong` makes the command fail, `note` is worth knowing. */
export type Severity = 'good' | 'note' | 'wrong'

export interface Finding {
  readonly about: 'settings' | 'agent' | 'program' | 'library' | 'spans'
  readonly severity: Severity
  /** A sentence without its full stop. */
  readonly text: string
  /** What to do about it. */
  readonly advice?: string
}
