// What a plugin's span says: its name, service, resource and tags, from the operation, from the call and from the options.

import { strict as assert } from 'node:assert'
import { decimal64 } from '../../src/base/id'
import type { PluginOptions } from '../../src/plugin/contract'
import { MadeTracer, tagsOf } from '../trace/made-tracer'
import { tracedLibrary } from './library'

describe('the span of an operation is described', () => {
  let tracer: MadeTracer
  beforeEach(() => {
    tracer = new MadeTracer()
  })

  it('by template, start and options', () => {
    const { library } = tracedLibrary(tracer, {
      type: 'sql',
      start: () => ({ resource: 'select', tags: { text: 'a', count: 0, nothing: undefined } }),
    })
    library.returns(1)
    const [span] = tracer.spans
    assert.equal(span!.name, 'library.returns')
    assert.equal(span!.resource, 'select')
    assert.equal(span!.type, 'sql')
    assert.equal(span!.service, 'shop-library')
    assert.deepEqual(tagsOf(span!), {
      component: 'library',
      '_dd.integration': 'library',
      'span.kind': 'client',
      '_dd.measured': 1,
      '_dd.svc_src': 'library',
      text: 'a',
      count: 0,
    })
  })

  it('of an internal step, which is not measured, of the program itself', () => {
    const { library } = tracedLibrary(tracer, {
      kind: 'internal',
      system: undefined,
      start: () => ({ resource: 'step' }),
    })
    library.returns(1)
    const [span] = tracer.spans
    assert.equal(span!.service, 'shop')
    assert.deepEqual(tagsOf(span!), { component: 'library', '_dd.integration': 'library', 'span.kind': 'internal' })
  })

  const services: [name: string, options: PluginOptions, start: string | undefined, expected: string][] = [
    ['the convention', {}, undefined, 'shop-library'],
    ['the options', { service: 'db' }, undefined, 'db'],
    ['the call, before the options', { service: 'db' }, 'db-7', 'db-7'],
    ['the convention, where the option is empty', { service: '' }, undefined, 'shop-library'],
    ['the convention, where the option is no text', { service: 7 as never }, undefined, 'shop-library'],
  ]
  for (const [name, options, service, expected] of services) {
    it(`with the service of ${name}`, () => {
      const { library } = tracedLibrary(tracer, { start: () => ({ resource: 'r', service }) }, options)
      library.returns(1)
      assert.equal(tracer.spans[0]!.service, expected)
    })
  }

  it('with the name that the call gives it', () => {
    const { library } = tracedLibrary(tracer, { start: () => ({ resource: 'r', name: 'other.name' }) })
    library.returns(1)
    assert.equal(tracer.spans[0]!.name, 'other.name')
  })

  it('with what `finish` adds from the result', async () => {
    const { library } = tracedLibrary(tracer, {
      finish: (span, value, args) => span.put('answer', `${String(args[0])} -> ${String(value)}`),
    })
    await library.promise(21)
    assert.equal(tagsOf(tracer.spans[0]!)['answer'], '21 -> 42')
  })

  it('and passes it on by headers', () => {
    let headers: Record<string, string> = {}
    const { library } = tracedLibrary(tracer, {
      before: (_span, _args, _self, headersOf) => {
        headers = headersOf()
      },
    })
    library.returns(1)
    assert.equal(headers['x-datadog-parent-id'], decimal64(tracer.spans[0]!.idHigh, tracer.spans[0]!.idLow))
  })
})
