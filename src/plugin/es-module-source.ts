// What is added to the text of a library's ES module, so that it hands over what it exports once it has been evaluated: by the
// module hook of a running program, and by the plugins of bundlers.
//
// A module that imports itself gets its own exports, which are complete on its last line. Its bindings cannot be replaced from
// outside; where a plugin replaces some, another module takes the file's place, which exports all of the original's and has
// variables for these.

/** By the name of an export: what replaces it. */
export type Setters = Readonly<Record<string, (value: unknown) => void>>

/** The query of the URL by which such a module imports the original. */
const ORIGINAL = 'dd'

/**
 * The text of the module that is loaded instead.
 * @param self by what the file can import itself
 * @param replaced the exports that are to be replaceable
 * @param tell gives the statement that hands over the exports, of which it is given the expressions
 */
export function announcing(
  source: string,
  self: string,
  replaced: readonly string[],
  tell: (fields: { module: string; setters?: string }) => string,
): string {
  const module = '{exports:__dd_exports}'
  if (replaced.length === 0) {
    return `${source}\nimport * as __dd_exports from ${JSON.stringify(self)};${tell({ module })};\n`
  }
  const original = JSON.stringify(`${self}${self.includes('?') ? '&' : '?'}${ORIGINAL}`)
  const variables = replaced.map((name, index) => `__dd_${index}=__dd_exports[${JSON.stringify(name)}]`)
  const setters = replaced.map((name, index) => `${JSON.stringify(name)}:(value)=>{__dd_${index}=value}`)
  return [
    `import * as __dd_exports from ${original}`,
    `export * from ${original}`,
    `var ${variables.join()}`,
    `export{${replaced.map((name, index) => `__dd_${index} as ${name}`).join()}}`,
    `${tell({ module, setters: `{${setters.join()}}` })};\n`,
  ].join(';')
}

/** Whether the URL is that of an original, which is loaded as it is. */
export function isOriginal(url: string): boolean {
  return url.endsWith(`?${ORIGINAL}`) || url.endsWith(`&${ORIGINAL}`)
}

/** The exports as a plugin sees them: those that have a setter can be replaced, and put back. */
export function replaceable(exports: object, setters: Setters): object {
  return new Proxy(Object.assign(Object.create(null) as object, exports), {
    defineProperty(target, key, property) {
      const set = typeof key === 'string' && Object.hasOwn(setters, key) ? setters[key] : undefined
      if (set === undefined || !Reflect.defineProperty(target, key, property)) return false
      set(property.value)
      return true
    },
  })
}
