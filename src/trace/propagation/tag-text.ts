// The text of a trace's `_dd.p.*` tags in some header. Nearly every trace has the same few tags, those of an automatic sampling
// decision, so the text of the last such pair is kept: it is a function of these two values and nothing else.

import { DECISION_MAKER, KNUTH_RATE } from '../../base/tags'

type Tags = ReadonlyMap<string, string>

export class TagText {
  readonly #write: (tags: Tags) => string
  #decisionMaker: string | undefined
  #rate: string | undefined
  #text: string | undefined

  /** @param write makes the text of any tags */
  constructor(write: (tags: Tags) => string) {
    this.#write = write
  }

  of(tags: Tags): string {
    const { size } = tags
    if (size > 2) return this.#write(tags)
    const decisionMaker = tags.get(DECISION_MAKER)
    const rate = tags.get(KNUTH_RATE)
    const known = (decisionMaker === undefined ? 0 : 1) + (rate === undefined ? 0 : 1)
    if (size !== known) return this.#write(tags)
    if (this.#text === undefined || decisionMaker !== this.#decisionMaker || rate !== this.#rate) {
      this.#text = this.#write(tags)
      this.#decisionMaker = decisionMaker
      this.#rate = rate
    }
    return this.#text
  }
}
