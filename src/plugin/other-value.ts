// Gives a library another value than the program's object has, without changing that object: by a copy, or only while one method runs.

/** A copy of an object of the program's with another value under `key`: its class, getters and hidden keys are those of the original. */
export function copyWith<T extends object>(original: T, key: string, value: unknown): T {
  const properties = Object.getOwnPropertyDescriptors(original) as Record<string, PropertyDescriptor>
  properties[key] = { value, enumerable: true, writable: true, configurable: true }
  return Object.create(Object.getPrototypeOf(original) as object | null, properties) as T
}

/**
 * Lets `target[key]` be `value` while the next call of `target[method]` runs, and only then: for objects that a library both sends and
 * shows to the program. Does nothing where the object cannot be changed.
 */
export function duringCall(target: object, method: string, key: string, value: unknown): void {
  const own = Object.getOwnPropertyDescriptor(target, key)
  const before = Object.getOwnPropertyDescriptor(target, method)
  const original: unknown = Reflect.get(target, method)
  const isFixed = !Object.isExtensible(target) || own?.configurable === false || before?.configurable === false
  if (isFixed || typeof original !== 'function') return
  Object.defineProperty(target, method, {
    configurable: true,
    writable: true,
    value(this: unknown, ...args: unknown[]): unknown {
      put(target, method, before)
      const shown = Object.getOwnPropertyDescriptor(target, key)
      put(target, key, { value, enumerable: true, writable: true, configurable: true })
      try {
        return Reflect.apply(original, this, args)
      } finally {
        put(target, key, shown)
      }
    },
  })
}

function put(target: object, key: string, property: PropertyDescriptor | undefined): void {
  if (property === undefined) Reflect.deleteProperty(target, key)
  else Reflect.defineProperty(target, key, property)
}
