// A view of somebody's list that shows other elements in place of its own: a framework may be given the view while the list stays
// as the program made it, and what the program adds later is seen all the same.

export function viewOf<T>(list: T[], replace: (element: T) => T): T[] {
  return new Proxy(list, {
    get(target, key) {
      const value: unknown = Reflect.get(target, key)
      const isElement = typeof key === 'string' && key !== 'length' && Object.hasOwn(target, key)
      return isElement ? replace(value as T) : value
    },
  })
}

/** An object that looks like `owner` and whose list `key` is a view. */
export function standInFor<K extends string, T>(
  owner: Readonly<Record<K, T[]>>,
  key: K,
  replace: (element: T) => T,
): typeof owner {
  let list: T[] | undefined
  let view: T[] = []
  const get = () => {
    // The program may give it another one.
    if (list !== owner[key]) {
      list = owner[key]
      view = viewOf(list, replace)
    }
    return view
  }
  return Object.create(owner, { [key]: { get } }) as typeof owner
}
