// The shape of an operation as text: `query Name($id:ID!){user(id:$id){name}}`. Literals, which may be secret, and aliases are left
// out, and fields are sorted, so that requests that do the same have the same resource.

/** A node of a document, as far as it is read. */
export interface Node {
  readonly kind: string
  readonly name?: { readonly value: string }
  readonly operation?: string
  readonly selectionSet?: { readonly selections: readonly Node[] }
  readonly arguments?: readonly Node[]
  readonly directives?: readonly Node[]
  readonly variableDefinitions?: readonly (Node & { readonly variable: Node })[]
  readonly typeCondition?: Node
  /** Of a variable, or wrapped by a list or non-null. */
  readonly type?: Node
  /** Of an argument, or as the text of a literal. */
  readonly value?: unknown
}

export interface Document {
  readonly definitions: readonly Node[]
  readonly loc?: { readonly source?: { readonly body?: unknown } }
}

/** Nodes that are looked at: what comes after is not in the resource, which is cut much earlier. */
const MAX_NODES = 2000

export function signatureOf(operation: Node, { definitions }: Document): string {
  return new Signature(definitions).of(operation)
}

class Signature {
  readonly #fragments = new Set<string>()
  #left = MAX_NODES

  constructor(private readonly definitions: readonly Node[]) {}

  of({ operation, name, variableDefinitions = [], directives, selectionSet }: Node): string {
    const variables = variableDefinitions.map(({ variable, type }) => `$${variable.name?.value}:${typeText(type)}`)
    const head = `${operation}${name === undefined ? '' : ` ${name.value}`}${inBrackets(variables)}`
    const parts = [`${head}${this.#directives(directives)}${this.#selections(selectionSet)}`]
    // The set grows while fragments name others.
    for (const fragment of this.#fragments) if (this.#left > 0) parts.push(this.#fragment(fragment))
    return parts.join(' ')
  }

  #fragment(wanted: string): string {
    const found = this.definitions.find(({ kind, name }) => kind === 'FragmentDefinition' && name?.value === wanted)
    if (found === undefined) return ''
    return `fragment ${wanted} on ${found.typeCondition?.name?.value}${this.#selections(found.selectionSet)}`
  }

  #selections(set: Node['selectionSet']): string {
    if (set === undefined) return ''
    const texts = set.selections.slice(0, Math.max(0, this.#left)).map((selection) => this.#selection(selection))
    return `{${texts.sort().join(' ')}}`
  }

  #selection({ kind, name, arguments: given = [], directives, typeCondition, selectionSet }: Node): string {
    this.#left--
    if (kind === 'FragmentSpread' && name !== undefined) {
      this.#fragments.add(name.value)
      return `...${name.value}${this.#directives(directives)}`
    }
    const args = inBrackets(given.map((arg) => `${arg.name?.value}:${valueText(arg.value as Node)}`).sort())
    const own =
      kind === 'InlineFragment'
        ? `...${typeCondition === undefined ? '' : `on ${typeCondition.name?.value}`}`
        : `${name?.value}${args}`
    return `${own}${this.#directives(directives)}${this.#selections(selectionSet)}`
  }

  #directives(directives: readonly Node[] = []): string {
    return directives
      .map(({ name, arguments: given = [] }) => {
        return `@${name?.value}${inBrackets(given.map((arg) => `${arg.name?.value}:${valueText(arg.value as Node)}`))}`
      })
      .join('')
  }
}

function inBrackets(parts: readonly string[]): string {
  return parts.length === 0 ? '' : `(${parts.join(',')})`
}

function typeText(type: Node | undefined): string {
  if (type?.kind === 'NonNullType') return `${typeText(type.type)}!`
  if (type?.kind === 'ListType') return `[${typeText(type.type)}]`
  return type?.name?.value ?? ''
}

/** Variables, enum values, booleans and null as they are; anything else is data. */
function valueText({ kind, name, value }: Node): string {
  switch (kind) {
    case 'Variable':
      return `$${name?.value}`
    case 'EnumValue':
    case 'BooleanValue':
      return String(value)
    case 'NullValue':
      return 'null'
    case 'IntValue':
    case 'FloatValue':
      return '0'
    case 'ListValue':
      return '[]'
    case 'ObjectValue':
      return '{}'
    default:
      return '""'
  }
}
