// Texts that differ in numbers only, made the same: `user 17 not found` and `user 18 not found` are one error, `/users/17` and
// `/users/18` one place.

/** What is compared of a long text. */
const MAX_LENGTH = 500

/** Each word with a digit in it becomes `?`. */
export function generalText(text: string): string {
  return text.slice(0, MAX_LENGTH).replace(/\w+/g, (word) => (/\d/.test(word) ? '?' : word))
}
