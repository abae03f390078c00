// Baggage: names and values that a program hands on to every service its requests reach. It belongs to the context and not to a
// span, so that it is there without any trace, and never changes: other baggage is another context.

/** Names and values handed on from service to service. */
export type Baggage = ReadonlyMap<string, string>

/** What to change: undefined and null take an item out. */
export type BaggageItems = Readonly<Record<string, string | null | undefined>> | Baggage

/** A name that fits into the header: a token (W3C Baggage, 3.2.1.1; RFC 9110, 5.6.2). */
export const BAGGAGE_KEY = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/

/** `baggage` with `items`; undefined when nothing is left. Throws a TypeError for what can be no baggage. */
export function changedBaggage(baggage: Baggage | undefined, items: BaggageItems): Baggage | undefined {
  if (typeof items !== 'object' || items === null || Array.isArray(items)) {
    throw new TypeError('baggage is an object or a Map of names and values, such as { "user.id": "42" }')
  }
  const changed = new Map(baggage)
  for (const [key, value] of items instanceof Map ? items : Object.entries(items)) {
    if (typeof key !== 'string' || !BAGGAGE_KEY.test(key)) {
      throw new TypeError(`a baggage name is letters, digits and !#$%&'*+-.^_\`|~, not ${JSON.stringify(key)}`)
    }
    if (value === undefined || value === null) changed.delete(key)
    else if (typeof value === 'string') changed.set(key, value)
    else throw new TypeError(`the baggage value of ${key} is text, not of type ${typeof value}; String() makes it text`)
  }
  return changed.size === 0 ? undefined : changed
}

/** Both, where `over` wins. */
export function mergedBaggage(baggage: Baggage | undefined, over: Baggage | undefined): Baggage | undefined {
  if (baggage === undefined || over === undefined || baggage === over) return over ?? baggage
  return new Map([...baggage, ...over])
}
