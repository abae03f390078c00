// Makes a wrapper look like the function it stands for: name, length, own properties and prototype.
//
// Programs do look: frameworks count a handler's parameters, `util.promisify` reads a symbol, classes are subclassed.

// biome-ignore lint/complexity/noBannedTypes: any callable of the program, passed on as it came
type Callable = Function

export function mimic<F extends Callable>(wrapper: F, original: Callable): F {
  for (const key of Reflect.ownKeys(original)) {
    const wanted = Object.getOwnPropertyDescriptor(original, key)!
    const own = Object.getOwnPropertyDescriptor(wrapper, key)
    // To define a property costs much more than to look.
    if (own === undefined || (own.configurable && !isAlike(own, wanted))) Object.defineProperty(wrapper, key, wanted)
    // A fixed property that exists already (a function's `prototype`) can only take the value.
    else if (own.writable) Object.defineProperty(wrapper, key, { value: wanted.value })
  }
  const prototype = Object.getPrototypeOf(original)
  if (Object.getPrototypeOf(wrapper) !== prototype) Object.setPrototypeOf(wrapper, prototype)
  return wrapper
}

function isAlike(one: PropertyDescriptor, other: PropertyDescriptor): boolean {
  return (
    one.value === other.value && one.get === other.get && one.set === other.set && one.enumerable === other.enumerable
  )
}
