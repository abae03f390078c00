// The Agent cuts longer texts, so that sending more is waste (datadog-agent, pkg/trace/agent/truncator.go). All limits are in bytes.

export const MAX_RESOURCE_LENGTH = 5000
export const MAX_VALUE_LENGTH = 25_000
export const MAX_KEY_LENGTH = 200

/** A text of at most `max` bytes of UTF-8; it ends with three dots where there was more. */
export function cut(text: string, max: number): string {
  // A unit of a string is three bytes at most: nothing is counted for the great most.
  if (text.length * 3 <= max || Buffer.byteLength(text) <= max) return text
  return `${cutBytes(text, max - 3)}...`
}

/** The longest beginning of a text that has at most `max` bytes of UTF-8. */
export function cutBytes(text: string, max: number): string {
  if (text.length * 3 <= max || Buffer.byteLength(text) <= max) return text
  // No more units than that can fit.
  const bytes = Buffer.from(text.slice(0, max))
  let end = max
  // Not within a character.
  while (end > 0 && (bytes[end]! & 0xc0) === 0x80) end--
  return bytes.toString('utf8', 0, end)
}
