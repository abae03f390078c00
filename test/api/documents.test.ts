// That what is said of the methods of the API client is true: the doc comments, the table that `dog api` and the README tell, and the code
// itself say the same of endpoints, keys, permissions and options.

import { strict as assert } from 'node:assert'
import { DogHttpApi } from '../../src/api'
import type { MethodName } from '../../src/api/api-methods'
import { METHOD_GROUPS, METHODS } from '../../src/api/api-methods'
import { SHELL_CALLS } from '../cli/api-calls'
import { docComments } from './doc-comments'

const NAMES = Object.keys(METHODS) as MethodName[]
/** They make no request. */
const OTHERS = ['constructor', 'with']

/** `hostId tags {source}`: the names of the arguments, and of the options. */
function usageOf(method: MethodName): [required: string[], options: string[]] {
  const [required = '', options = ''] = METHODS[method].usage.split('{')
  return [required.match(/\w+/g) ?? [], options.match(/\w+/g) ?? []]
}

/** `GET /a, POST /b/{id} or /c` as parts that a comment must have. */
const endpointsOf = (endpoint: string) => endpoint.match(/(?:[A-Z]+ )?\/[^\s,]+/g) ?? [endpoint]

describe('the table of methods', () => {
  it('has each method of the client, and no other', () => {
    const methods = Object.getOwnPropertyNames(DogHttpApi.prototype).filter((name) => !OTHERS.includes(name))
    assert.deepEqual(methods.sort(), [...NAMES].sort())
  })

  it('has each in one group, with what it is called with', () => {
    assert.deepEqual([...METHOD_GROUPS.values()].flat().sort(), [...NAMES].sort())
    for (const name of NAMES) assert.match(METHODS[name].usage, /^(?:\w+(?: |$))*(?:\{\w+(?:, \w+)*\})?$/, name)
  })
})

describe('the documents of the API client', () => {
  it('are found in the sources, one for each method', () => {
    const methods = docComments.map(({ method }) => method).filter((name) => !OTHERS.includes(name))
    assert.deepEqual(methods.sort(), [...NAMES].sort())
  })

  for (const name of NAMES) {
    const { endpoint, isIntake, permission } = METHODS[name]
    const doc = docComments.find(({ method }) => method === name)
    const text = doc?.text ?? ''

    it(`have an example that calls ${name}`, () => assert.match(doc?.example ?? '', new RegExp(`\\bapi\\.${name}\\(`)))

    it(`say where ${name} goes, and with which keys`, () => {
      for (const one of endpointsOf(endpoint)) assert.ok(text.includes(one), `${one} is not in: ${text}`)
      const [, ...said] = /Endpoint: .*?with (the API key|API key and application key)\b/.exec(text) ?? []
      assert.deepEqual(said, [isIntake ? 'the API key' : 'API key and application key'], text)
    })

    it(`say the permission that ${name} needs`, () => {
      const [, said = ''] = /, permission (`.*?)\./.exec(text) ?? []
      assert.equal(said.replaceAll('`', ''), permission ?? '', text)
    })

    it(`have parameters that ${name} has`, () => {
      const known = new Set(doc?.signature.match(/\w+/g))
      for (const param of doc?.params ?? []) for (const part of param.split('.')) assert.ok(known.has(part), param)
      const [required, options] = usageOf(name)
      // What is a word of its own elsewhere has another name in the code.
      const names = (doc?.signature.match(/[(,]\s*(\w+)(?=[?:,])/g) ?? []).map((match) => match.replace(/\W/g, ''))
      assert.deepEqual(
        names.slice(0, required.length).map((one) => (one === 'body' ? 'text' : one)),
        required,
      )
      assert.equal(/\boptions\??:/.test(doc?.signature ?? ''), options.length > 0)
    })
  }
})

describe('the options in the table of methods', () => {
  const api = new DogHttpApi({ apiHost: 'http://127.0.0.1:9', swallow: false })
  const call = (name: MethodName, args: readonly unknown[]) =>
    (api[name] as (...args: unknown[]) => Promise<unknown>).apply(api, [...args])

  /** What can be meant, as many as the method must have. */
  const meant = (name: MethodName, id: string): unknown[] => {
    const { args } = SHELL_CALLS[name]
    return usageOf(name)[0].map((argument, at) => {
      if (/Id$|^id$/.test(argument)) return id
      const given = args[at] ?? ''
      return /^(?:[[{]|-?\d+$)/.test(given) ? (JSON.parse(given) as unknown) : /^\d{4}-/.test(given) ? 5 : given
    })
  }

  // The options of an event are sent as they are, whatever their names.
  for (const name of NAMES.filter((one) => usageOf(one)[1].length > 0 && one !== 'event')) {
    it(`are those that ${name} knows`, async () => {
      for (const id of ['1234', 'abc-def-ghi']) {
        await assert.rejects(call(name, [...meant(name, id), { nonsense: 1 }]), (error: Error) => {
          const [, known = ''] = /^there is no option nonsense; there is (.*)$/.exec(error.message) ?? []
          assert.deepEqual(known.split(', ').sort(), [...usageOf(name)[1]].sort(), error.message)
          return error instanceof TypeError
        })
      }
    })
  }

  it('are those that event knows: each goes by the name that the API has for it', async () => {
    const bodies: string[] = []
    const taking = (_url: unknown, init?: RequestInit) => {
      bodies.push(String(init?.body))
      return Promise.resolve(new Response('{"event":{"id":"1"}}'))
    }
    const options = usageOf('event')[1].map((name) => [name, /dateHappened|relatedEventId/.test(name) ? 5 : 'x'])
    const client = new DogHttpApi({ apiHost: 'http://127.0.0.1:9', fetch: taking, swallow: false })
    await client.event('t', 'x', Object.fromEntries(options))
    const names = Object.keys(JSON.parse(bodies[0] ?? '') as object)
    assert.deepEqual([names.length, names.filter((name) => /[A-Z]/.test(name))], [options.length + 2, []])
  })
})
