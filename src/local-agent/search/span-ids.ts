// Ids as people paste them: decimal, or 16 or 32 hexadecimal digits, from logs and from addresses of pages.

interface AskedId {
  /** The low 64 bits, in decimal; two where the text can be read both ways. */
  readonly ids: readonly string[]
  /** The high half of a 128-bit id in lower case, '' without one. */
  readonly high: string
}

/** undefined for what is no id. */
export function askedId(text: string): AskedId | undefined {
  if (/^[0-9a-f]{32}$/i.test(text)) return { ids: [decimal(text.slice(16))], high: highOf(text) }
  const ids: string[] = []
  if (/^\d{1,20}$/.test(text)) ids.push(String(BigInt(text)))
  const hex = /^0x([0-9a-f]{1,16})$/i.exec(text)?.[1] ?? /^[0-9a-f]{16}$/i.exec(text)?.[0]
  if (hex !== undefined) ids.push(decimal(hex))
  return ids.length > 0 ? { ids, high: '' } : undefined
}

/** 16 digits. */
export function hexOf(id: string): string {
  return /^\d{1,20}$/.test(id) ? BigInt(id).toString(16).padStart(16, '0') : ''
}

function highOf(text: string): string {
  const high = text.slice(0, 16).toLowerCase()
  return /^0+$/.test(high) ? '' : high
}

function decimal(hex: string): string {
  return String(BigInt(`0x${hex}`))
}
