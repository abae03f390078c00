// Makes a copy of the built `dd` in which every single function can be made to fail at its beginning, so that no step of a plugin, of
// the exporter or of a timer can be forgotten: what is written tomorrow is in it tomorrow.
//
// Into each function goes a question to `fault.ts`, which throws, or says that garbage is to be returned, in the one function that is
// failing. Functions are found by a parser, and named by what they are in.

import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import { repoRoot } from '../repo-root'
import { FAULT_KEY } from './fault'

/** A function of `dd`. */
export interface Place {
  readonly id: number
  /** Below the root of the package, as a source: `src/plugin/patcher.ts`. */
  readonly file: string
  readonly line: number
  /** What it is in, and its own name: `Patcher.tracing.begin`. Where it has none, a number: `Patcher.guarded.1`. */
  readonly name: string
  /**
   * It takes the place of a function of the program's or the library's, so that no one stands before it who could guard it: it hands
   * its call on, or is written as the one method of a literal, which is the house's way of writing such. Or it is a guard itself.
   */
  readonly isStandIn: boolean
  readonly isConstructor: boolean
}

export interface FaultyTree {
  /** Where the copy of the built tree is: `src`, `plugins`. */
  readonly folder: string
  readonly places: readonly Place[]
  remove(): void
}

/** `f`, `a.f`, or as the compiler writes what is imported: `(0, a.f)`. */
interface Callee {
  readonly name?: string
  readonly property?: { readonly name?: string }
  readonly expressions?: readonly Callee[]
}

interface Node {
  readonly type: string
  readonly start: number
  readonly end: number
  readonly [field: string]: unknown
}

/** What is used of `acorn`. */
export interface Parser {
  parse(source: string, options: object): Node
}

/** The files that are linked into one (scripts/link-start.mjs): in each property there is a function for one of them. */
const LINKED = 'src/linked.js'

/** Parts that never run inside a watched program. */
const ELSEWHERE = /^src\/(?:cli|local-agent|testing|bundle)\//
const built = join(__dirname, '..', '..', '..')

export function makeFaultyTree({ parse }: Parser): FaultyTree {
  const parent = join(repoRoot, 'node_modules', '.cache', 'dd-test')
  mkdirSync(parent, { recursive: true })
  const root = mkdtempSync(join(parent, 'faulty-'))
  const folder = join(root, 'dist')
  cpSync(join(repoRoot, 'package.json'), join(root, 'package.json'))
  const places: Place[] = []
  for (const part of ['src', 'plugins']) {
    for (const entry of readdirSync(join(built, part), { recursive: true, withFileTypes: true })) {
      if (!entry.isFile() || !/\.m?js$/.test(entry.name)) continue
      const from = join(entry.parentPath ?? entry.path, entry.name)
      const path = relative(built, from)
      const source = readFileSync(from, 'utf8')
      mkdirSync(dirname(join(folder, path)), { recursive: true })
      const isLeft = ELSEWHERE.test(path) || !path.endsWith('.js')
      writeFileSync(join(folder, path), isLeft ? source : instrumented(source, path, parse, places))
    }
  }
  return { folder, places, remove: () => rmSync(root, { recursive: true, force: true }) }
}

function instrumented(source: string, path: string, parse: Parser['parse'], places: Place[]): string {
  const tree = parse(source, { ecmaVersion: 'latest', sourceType: 'script', allowHashBang: true })
  const inserts: [at: number, text: string][] = []
  let file = path.replace(/\.js$/, '.ts')
  let counts = new Map<string, number>()
  const walk = (node: Node, names: readonly string[], parents: readonly Node[]): void => {
    let inside = names
    const own = nameOf(node, parents.at(-1))
    const linked = path === LINKED ? linkedFile(parents.at(-2), node) : undefined
    if (linked !== undefined) {
      file = linked
      counts = new Map()
      inside = []
    } else if (isFunction(node) && !(path === LINKED && file.endsWith('linked.ts'))) {
      const plain = [...names, ...(own === undefined ? [] : [own])].join('.')
      const count = (counts.get(plain) ?? 0) + 1
      counts.set(plain, count)
      const name = own === undefined || count > 1 ? `${plain}.${count}` : plain
      inside = name.split('.')
      const id = places.length
      const isConstructor = isMethodOf(parents.at(-1), 'constructor')
      const { line } = lineOf(source, node.start)
      places.push({
        id,
        file,
        line,
        name,
        isStandIn: isOneMethod(parents) || handsOn(node['body'] as Node) || onlyGuards(node['body'] as Node),
        isConstructor,
      })
      inserts.push(...questionIn(node, id, isConstructor))
    } else if (own !== undefined) inside = [...names, own]
    for (const child of childrenOf(node)) walk(child, inside, [...parents, node])
  }
  walk(tree, [], [])
  // From the end, so that places stay where they are; of two in one place the inner one first.
  let text = source
  for (const [at, added] of inserts.sort(([a], [b]) => b - a)) text = text.slice(0, at) + added + text.slice(at)
  const header = `const __dd_fault=globalThis[Symbol.for(${JSON.stringify(FAULT_KEY)})]?.ask??(()=>false);`
  return text.replace(/^(#![^\n]*\n)?("use strict";)?/, (all) => all + header)
}

/** The source that became this function of the linked file. */
function linkedFile(property: Node | undefined, node: Node): string | undefined {
  const { value } = (property?.['key'] ?? {}) as { value?: unknown }
  if (!isFunction(node) || property?.type !== 'Property' || typeof value !== 'string') return undefined
  return /^(?:src|plugins)\/.*\.js$/.test(value) ? value.replace(/\.js$/, '.ts') : undefined
}

function questionIn({ body }: Node, id: number, isConstructor: boolean): [number, string][] {
  const { type, start, end } = body as Node
  if (type !== 'BlockStatement') {
    return [
      [start, `__dd_fault(${id})?__dd_fault.garbage:(`],
      [end, ')'],
    ]
  }
  return [[start + 1, isConstructor ? `__dd_fault(${id});` : `if(__dd_fault(${id}))return __dd_fault.garbage;`]]
}

function isFunction({ type }: Node): boolean {
  return /^(?:FunctionDeclaration|FunctionExpression|ArrowFunctionExpression)$/.test(type)
}

/** `({ name() {} }).name` */
function isOneMethod(parents: readonly Node[]): boolean {
  const [member, object, property] = parents.slice(-3)
  return (
    member?.type === 'MemberExpression' &&
    object?.type === 'ObjectExpression' &&
    property?.type === 'Property' &&
    (object['properties'] as unknown[]).length === 1
  )
}

/** Whether it calls what it was called instead of: by itself, not in functions inside. */
function handsOn(node: Node): boolean {
  if (node.type === 'CallExpression') {
    const { object, property } = node['callee'] as { object?: { name?: string }; property?: { name?: string } }
    if (object?.name === 'Reflect' && property?.name === 'apply') return true
    const { length } = node['arguments'] as unknown[]
    if ((property?.name === 'run' || property?.name === 'follow') && length > 2) return true
  }
  return childrenOf(node).some((child) => !isFunction(child) && handsOn(child))
}

/** Whether all that it calls is a guard. */
function onlyGuards(node: Node): boolean {
  const calls = callsIn(node)
  return calls.length > 0 && calls.every((name) => /^(?:guarded|guardedEnd|quietly)$/.test(name))
}

/** What a function calls by itself. */
function callsIn(node: Node): string[] {
  const below = childrenOf(node).flatMap((child) => (isFunction(child) ? [] : callsIn(child)))
  if (node.type !== 'CallExpression' && node.type !== 'NewExpression') return below
  const { name, property, expressions } = node['callee'] as Callee
  return [...below, name ?? (property ?? expressions?.at(-1)?.property)?.name ?? '']
}

function isMethodOf(parent: Node | undefined, kind: string): boolean {
  return parent?.type === 'MethodDefinition' && parent['kind'] === kind
}

/** What a function, or what is around it, is called by. */
function nameOf(node: Node, parent: Node | undefined): string | undefined {
  const named = (from: unknown): string | undefined => {
    const { type, name, value } = (from ?? {}) as { type?: string; name?: string; value?: unknown }
    if (type === 'PrivateIdentifier') return `#${name}`
    return typeof name === 'string' ? name : typeof value === 'string' ? value : undefined
  }
  if (isFunction(node) || node.type === 'ClassDeclaration') {
    const own = named(node['id'])
    if (own !== undefined || node.type === 'ClassDeclaration') return own
    if (parent?.type === 'MethodDefinition' || parent?.type === 'Property') return named(parent['key'])
    if (parent?.type === 'VariableDeclarator') return named(parent['id'])
    return undefined
  }
  // An object that describes something: `const queries = { start() {} }`.
  if (node.type !== 'ObjectExpression') return undefined
  if (parent?.type === 'VariableDeclarator') return named(parent['id'])
  return parent?.type === 'Property' ? named(parent['key']) : undefined
}

function childrenOf(node: Node): Node[] {
  const found: Node[] = []
  for (const value of Object.values(node)) {
    for (const one of Array.isArray(value) ? value : [value]) {
      if (typeof (one as Node | null)?.type === 'string') found.push(one as Node)
    }
  }
  return found.sort((a, b) => a.start - b.start)
}

function lineOf(source: string, at: number): { line: number } {
  return { line: source.slice(0, at).split('\n').length }
}
