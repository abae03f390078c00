// Text that compression does not make smaller.

/** The same for the same seed. */
export function noise(length: number, seed: number): string {
  let text = ''
  let state = seed + 1
  while (text.length < length) {
    state = (state * 48_271) % 0x7fffffff
    text += state.toString(36)
  }
  return text.slice(0, length)
}
