// Cuts what programs ask for, such as queries and documents, to what a span has room for.

/** Of a resource: the Agent cuts longer ones. */
export const MAX_RESOURCE_CHARACTERS = 5000
/** Of a tag: the Agent cuts longer ones. */
export const MAX_TAG_CHARACTERS = 25_000

/** The text where it has no more than `max` characters, otherwise its beginning with dots behind it. */
export function cutText(text: string, max: number): string {
  return text.length > max ? `${text.slice(0, max - 3)}...` : text
}
