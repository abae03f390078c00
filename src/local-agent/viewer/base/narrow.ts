// Whether the screen is a phone's, as the style sheets see it.

import { signal } from '@preact/signals'

const query = matchMedia('(max-width: 700px)')

export const isNarrow = signal(query.matches)

query.addEventListener('change', () => {
  isNarrow.value = query.matches
})
