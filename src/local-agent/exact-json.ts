// JSON without rounding: a 64-bit integer is a number where a JavaScript reader gets it exactly, up to 2^53, and a
// string of decimal digits beyond. So `duration` (ns) is a number, unless it is longer than 104 days, and `start`
// (ns since 1970) is always a string.

export function exactJson(value: unknown): string {
  return JSON.stringify(value, (_key, field: unknown) => (typeof field === 'bigint' ? exact(field) : field))
}

function exact(integer: bigint): number | string {
  const rounded = Number(integer)
  return Number.isSafeInteger(rounded) ? rounded : String(integer)
}
