// A field on somebody else's object that nobody else can see: no key, no symbol, nothing to inspect, copy or collide with.
//
// JavaScript's private fields can be put on any object by a constructor that returns it. To the engine such a field is a property
// like any other, where an entry of a WeakMap costs the garbage collector dearly for each short-lived key: with four entries per
// request, collecting took a third of what tracing a request costs.

export interface HiddenField<T> {
  get(target: object): T | undefined
  /** Does nothing for what takes no new properties. */
  set(target: object, value: T | undefined): void
}

class Returning {
  constructor(target: object) {
    // biome-ignore lint/correctness/noConstructorReturn: what puts the subclass's field on the target
    return target
  }
}

/** Makes a new field, empty on every object. */
export function hiddenField<T>(): HiddenField<T> {
  class Field extends Returning {
    #value: T | undefined

    private constructor(target: object, value: T | undefined) {
      super(target)
      this.#value = value
    }

    static get(target: object): T | undefined {
      return Object(target) === target && #value in target ? target.#value : undefined
    }

    static set(target: object, value: T | undefined): void {
      // What is no object is not extensible either.
      if (!Object.isExtensible(target)) return
      if (#value in target) target.#value = value
      else new Field(target, value)
    }
  }
  return Field
}
