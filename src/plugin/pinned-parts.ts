// What plugins say about the objects that programs pin: which of them stand for another, and which belong to one.

import { belongs } from '../trace/pin'
import type { Patcher } from './patcher'

const isA = (prototype: object, value: unknown): boolean =>
  Object.prototype.isPrototypeOf.call(prototype, value as object)

/** Makes pins on what holds an object of a class as its `key`, in front of it, pins on that object. */
export function pinsBehind(patcher: Patcher, key: string, prototype: object): void {
  patcher.whenPinned((target) => {
    const inner = (target as Record<string, unknown>)[key]
    return isA(prototype, inner) ? (inner as object) : undefined
  })
}

/** Makes an object of a class that is pinned itself keep what holds for what it belongs to, by `wholeOf`. */
export function pinsOfParts<Part extends object>(
  patcher: Patcher,
  prototype: Part,
  wholeOf: (part: Part) => object | undefined,
): void {
  patcher.whenPinned((target) => {
    const whole = isA(prototype, target) ? wholeOf(target as Part) : undefined
    if (whole !== undefined) belongs(target, whole)
    return undefined
  })
}
