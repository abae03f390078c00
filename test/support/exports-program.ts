// A program, not a module: loads the modules of argv[2…] and prints the shape of what they export: keys, attributes of
// properties, names and lengths of functions, prototypes, and which values are one and the same. A test runs it without and with
// `dd` and compares the two, because programs subclass, compare and enumerate what they import.

import { builtinModules, isBuiltin } from 'node:module'

const MAX_DEPTH = 6
const MAX_VALUES = 20_000

/** Where a value was first seen; what is Node's own is not looked into. */
const places = new Map<unknown, string>()

function shapeOf(value: unknown, place: string, depth = 0): unknown {
  if ((typeof value !== 'object' || value === null) && typeof value !== 'function') return typeof value
  const known = places.get(value)
  if (known !== undefined) return `same as ${known}`
  if (isOrdinaryPrototype(value)) return 'ordinary prototype'
  if (depth > MAX_DEPTH || places.size > MAX_VALUES) return `deep ${typeof value}`
  places.set(value, place)
  const shape: Record<string, unknown> = { '[type]': typeof value, '[extensible]': Object.isExtensible(value) }
  for (const key of Reflect.ownKeys(value)) {
    if (isPutOverInherited(value, key)) continue
    const { get, set, value: own, ...attributes } = Object.getOwnPropertyDescriptor(value, key)!
    const what =
      get === undefined && set === undefined ? shapeOf(own, `${place}.${String(key)}`, depth + 1) : 'accessor'
    shape[String(key)] = [Object.values(attributes).map(Number).join(''), what, ...labelOf(value, key, own)]
  }
  shape['[prototype]'] = shapeOf(Object.getPrototypeOf(value), `prototype of ${place}`, depth + 1)
  return shape
}

/** Every `function` has one; a method's wrapper shares that of the method, so that its `constructor` is the method itself. */
function isOrdinaryPrototype(value: object): boolean {
  const owner = (value as { constructor?: { prototype?: unknown } }).constructor
  return Reflect.ownKeys(value).map(String).join() === 'constructor' && owner?.prototype === value
}

/** The methods that are put over inherited ones, where the class of an emitter or a stream has none of its own. */
function isPutOverInherited(value: object, key: PropertyKey): boolean {
  return (key === 'emit' || key === 'write') && key in ((Object.getPrototypeOf(value) as object | null) ?? {})
}

/** What a function says about itself; other values may differ from run to run. */
function labelOf(owner: object, key: PropertyKey, value: unknown): unknown[] {
  return typeof owner === 'function' && (key === 'name' || key === 'length') ? [value] : []
}

/** Node's globals and modules, two levels deep, and their prototypes. */
function noteNodesOwn(): void {
  const roots = builtinModules
    .filter((name) => !name.includes('/') && !name.startsWith('_'))
    .map((name) => require(name) as unknown)
  const note = (value: unknown, place: string, depth: number) => {
    if ((typeof value !== 'object' || value === null) && typeof value !== 'function') return
    if (places.has(value)) return
    places.set(value, place)
    if (depth === 0) return
    for (const key of Reflect.ownKeys(value)) {
      const property = Object.getOwnPropertyDescriptor(value, key)
      note(property?.value, place, depth - 1)
    }
    note(Object.getPrototypeOf(value), place, depth - 1)
  }
  for (const root of [globalThis, ...roots]) note(root, "Node's own", 3)
}

const [, , ...modules] = process.argv
// Of Node's own, those that are asked for are looked into.
const shapes = new Map<string, unknown>()
for (const name of modules.filter(isBuiltin)) shapes.set(name, shapeOf(require(name), name))
noteNodesOwn()
for (const file of modules) if (!shapes.has(file)) shapes.set(file, shapeOf(require(file), file))
const again: NodeJS.Require = require
const result = modules.map((file) => [shapes.get(file), require(file) === again(file)])
// A library may hold the process with timers.
process.stdout.write(JSON.stringify(result), () => process.exit())
