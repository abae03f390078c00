// Holds the arguments of a call against the tool's schema, and says what would be right: a model reads it and calls again.

import { type ArgumentSchema, type Arguments, type InputSchema, ToolError } from './tool'

const MAX_TEXT = 4000

export function checkArguments(tool: string, { properties, required = [] }: InputSchema, given: unknown): Arguments {
  if (given !== undefined && (typeof given !== 'object' || given === null || Array.isArray(given))) {
    throw new ToolError(`The arguments of ${tool} are an object.`)
  }
  const checked: Record<string, string | number> = {}
  for (const [name, value] of Object.entries(given ?? {})) {
    const property = Object.hasOwn(properties, name) ? properties[name] : undefined
    if (property === undefined) {
      const names = Object.keys(properties).join(', ') || 'none'
      throw new ToolError(`${tool} has no argument ${name.slice(0, 100)}. Its arguments: ${names}.`)
    }
    // Some clients send what was left out as null.
    if (value !== null && value !== undefined) checked[name] = checkedValue(name, property, value)
  }
  const missing = required.filter((name) => checked[name] === undefined || checked[name] === '')
  if (missing.length > 0) {
    const first = missing[0]!
    throw new ToolError(`${tool} needs ${missing.join(' and ')}. ${first}: ${properties[first]?.description}`)
  }
  return checked
}

function checkedValue(name: string, { type, minimum, maximum }: ArgumentSchema, value: unknown): string | number {
  const shown = JSON.stringify(value)?.slice(0, 100)
  if (type === 'string') {
    // Ids are digits, which models like to write as numbers.
    if (typeof value === 'number' && Number.isSafeInteger(value)) return String(value)
    if (typeof value !== 'string') throw new ToolError(`${name} is a text, not ${shown}.`)
    if (value.length > MAX_TEXT) throw new ToolError(`${name} may have ${MAX_TEXT} characters.`)
    return value
  }
  const whole = typeof value === 'string' && /^\d{1,15}$/.test(value) ? Number(value) : value
  const isInside =
    Number.isSafeInteger(whole) &&
    Number(whole) >= (minimum ?? Number.MIN_SAFE_INTEGER) &&
    Number(whole) <= (maximum ?? Number.MAX_SAFE_INTEGER)
  if (isInside) return Number(whole)
  const bounds =
    maximum === undefined ? (minimum === undefined ? '' : ` from ${minimum}`) : ` from ${minimum ?? 0} to ${maximum}`
  throw new ToolError(`${name} is a whole number${bounds}, not ${shown}.`)
}
