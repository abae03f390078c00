// Which of many names somebody may have meant who wrote another.

import { editDistance } from '../base/edit-distance'

/** Undefined where none is near: more than a third of it would have to be changed. */
export function nearestName<T extends string>(given: string, names: readonly T[]): T | undefined {
  const word = plain(given)
  const ranked = names
    .map((name) => ({ name, changes: editDistance(word, plain(name)) }))
    .sort((a, b) => a.changes - b.changes)
  const [best] = ranked
  if (best !== undefined && best.changes <= Math.max(1, Math.floor(word.length / 3))) return best.name
  return names.find((name) => word.length > 3 && plain(name).includes(word))
}

/** `host_tags` is `hostTags`. */
function plain(name: string): string {
  return name.replace(/[^a-z\d]/gi, '').toLowerCase()
}
