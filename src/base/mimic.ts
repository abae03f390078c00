// Makes a wrapper look like the function it stands for: name, length, own properties and prototype.
//
// Programs do look: frameworks count a handler's parameters, `util.promisify` reads a symbol, classes are subclassed.

// biome-ignore lint/complexity/noBannedTypes: any callable of the program, passed on as it came
type Callable = Function

export function mimic<F extends Callable>(wrapper: F, original: Callable): F {
  for (const key of Reflect.ownKeys(original)) {
    const own = Object.getOwnPropertyDescriptor(wrapper, key)
    if (own !== undefined && !own.configurable && !own.writable) continue
    const wanted = Object.getOwnPropertyDescriptor(original, key)!
    // A fixed property that exists already (a function's `prototype`) can only take the value.
    Object.defineProperty(wrapper, key, own?.configurable === false ? { value: wanted.value } : wanted)
  }
  const prototype = Object.getPrototypeOf(original)
  if (Object.getPrototypeOf(wrapper) !== prototype) Object.setPrototypeOf(wrapper, prototype)
  return wrapper
}
