// The headers of a message as `tracer.extract` reads them, where a broker's driver keeps them in a form of its own: only what is
// asked for is looked up and made into text, however many and however long the others are.

export function headersBy(read: (name: string) => unknown): Record<string, string> {
  return new Proxy({} as Record<string, string>, {
    get: (_none, name) => (typeof name === 'string' ? textOf(read(name)) : undefined),
  })
}

/** The last one counts where there are several. */
function textOf(value: unknown): string | undefined {
  const last: unknown = Array.isArray(value) ? value.at(-1) : value
  if (typeof last === 'string') return last === '' ? undefined : last
  return Buffer.isBuffer(last) ? last.toString() : undefined
}
