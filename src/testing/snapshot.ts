// Spans as a value that is the same in every run: for `toMatchSnapshot` of jest and vitest, and for `t.assert.snapshot` of Node's.
//
// It is plain data, because all three print that with a line for each fact. Left out is what differs from run to run or from release
// to release of `dd`; ids are counted, and what is volatile inside a text has a name in its place.

import { type RecordedNode, type RecordedSpan, treeOf } from './recorded-span'

export interface SnapshotOptions {
  /** Tags to leave out, by name or pattern, besides those that always are. */
  ignore?: readonly (string | RegExp)[]
  /** Parts of texts to put `<masked>` in place of. */
  mask?: readonly RegExp[]
}

export interface SnapshotSpan {
  /** Counted from 1, from above and from the left. */
  id: number
  /** Of spans at the top: their trace, counted from 1. */
  trace?: number
  /** Of spans at the top: their parent was not recorded. */
  parent?: 'elsewhere'
  name: string
  service: string
  resource: string
  type?: string
  error?: true
  tags?: Record<string, string>
  metrics?: Record<string, number | string>
  links?: { span: number | 'elsewhere'; attributes?: Record<string, string> }[]
  events?: { name: string; attributes?: Record<string, string | number | boolean> }[]
  children?: SnapshotSpan[]
}

/** Tags that are `dd`'s own book-keeping, or tell the process and not what it did. */
const ALWAYS_IGNORED: readonly (string | RegExp)[] = [
  /^_dd\./,
  /^_sampling/,
  'language',
  'runtime-id',
  'process_id',
  'system.pid',
  'pathway.hash',
]

const PORT = /(^|[._])port$/
const MASKS: readonly (readonly [pattern: RegExp, name: string])[] = [
  [/(?<=(?:\b\d{1,3}(?:\.\d{1,3}){3}|\blocalhost|\[[\da-f:]+\]|::1):)\d{1,5}\b/g, '<port>'],
  [/\b[\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12}\b/gi, '<uuid>'],
]

/** @internal */
export function snapshotOf(spans: readonly RecordedSpan[], options: SnapshotOptions = {}): SnapshotSpan[] {
  const ignored = [...ALWAYS_IGNORED, ...(options.ignore ?? [])]
  const masks = [...MASKS, ...(options.mask ?? []).map((pattern) => [globalOf(pattern), '<masked>'] as const)]
  const roots = treeOf(spans)
  const ids = new Map<string, number>()
  const traces = new Map<string, number>()
  count(roots)

  function count(nodes: readonly RecordedNode[]): void {
    for (const { traceId, spanId, children } of nodes) {
      ids.set(`${traceId} ${spanId}`, ids.size + 1)
      if (!traces.has(traceId)) traces.set(traceId, traces.size + 1)
      count(children)
    }
  }

  function masked(text: string): string {
    return masks.reduce((rest, [pattern, name]) => rest.replace(pattern, name), text)
  }

  function kept<T>(values: Readonly<Record<string, T>>, show: (value: T, key: string) => T | string) {
    const keys = Object.keys(values).filter((key) => !ignored.some((one) => isOf(one, key)))
    return Object.fromEntries(keys.sort().map((key) => [key, show(values[key]!, key)]))
  }

  function textOf(value: string, key: string): string {
    if (PORT.test(key)) return '<port>'
    return key === 'error.stack' ? '<stack>' : masked(value)
  }

  function attributesOf<T extends string | number | boolean>(values: Readonly<Record<string, T>>) {
    return kept<string | number | boolean>(values, (value, key) =>
      typeof value === 'string' ? textOf(value, key) : value,
    )
  }

  function spanOf(node: RecordedNode, isTop: boolean): SnapshotSpan {
    const { traceId, spanId, parentId, name, service, resource, type, error, tags, metrics, links, events } = node
    return filled({
      id: ids.get(`${traceId} ${spanId}`) ?? 0,
      trace: isTop ? traces.get(traceId) : undefined,
      parent: isTop && parentId !== undefined ? 'elsewhere' : undefined,
      name,
      service,
      resource: masked(resource),
      type: type === '' ? undefined : type,
      error: error ? true : undefined,
      tags: kept(tags, textOf),
      metrics: kept<number | string>(metrics, (value, key) => (PORT.test(key) ? '<port>' : value)),
      links: links.map((link) =>
        filled({
          span: ids.get(`${link.traceId} ${link.spanId}`) ?? 'elsewhere',
          attributes: attributesOf(link.attributes),
        }),
      ),
      events: events.map((event) => filled({ name: masked(event.name), attributes: attributesOf(event.attributes) })),
      children: node.children.map((child) => spanOf(child, false)),
    }) as unknown as SnapshotSpan
  }

  return roots.map((root) => spanOf(root, true))
}

/** Without what is undefined or empty. */
function filled(fields: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const isFilled = (value: unknown) =>
    value !== undefined && (typeof value !== 'object' || value === null || Object.keys(value).length > 0)
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => isFilled(value)))
}

function isOf(one: string | RegExp, key: string): boolean {
  return typeof one === 'string' ? one === key : key.search(one) >= 0
}

function globalOf(pattern: RegExp): RegExp {
  return pattern.global ? pattern : new RegExp(pattern.source, `${pattern.flags}g`)
}
