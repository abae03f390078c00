// Every kind of setting, as text of the environment and as a value given in code: what fits is read, what does not is
// refused, never half understood and never an exception.

import { strict as assert } from 'node:assert'
import {
  choice,
  flag,
  host,
  list,
  type Option,
  pattern,
  rate,
  rules,
  statuses,
  tags,
  text,
  whole,
} from '../../src/config/option'

type Row = [given: unknown, value: unknown]
const odd = [null, {}, [], () => {}, Symbol('s'), Object.create(null), Number.NaN]
const refused = (...values: unknown[]): Row[] => values.map((value) => [value, undefined])

const none = /(?!)/g
const env = 'DD_X'
const doc = ''

const kinds: { title: string; option: Option<unknown>; texts: Row[]; values: Row[] }[] = [
  {
    title: 'text',
    option: text({ env, doc, default: undefined }),
    texts: [['shop', 'shop'], ['ü x', 'ü x'], ...refused('')],
    values: [['shop', 'shop'], ...refused('', 1, true, ...odd)],
  },
  {
    title: 'flag',
    option: flag({ env, doc, default: true }),
    texts: [
      ...['true', 'TRUE', '1', ' true '].map((raw): Row => [raw, true]),
      ...['false', 'False', '0', '\tfalse'].map((raw): Row => [raw, false]),
      ...refused('', 'yes', '2', 'truee', 'constructor', '__proto__', 'toString'),
    ],
    values: [[true, true], [false, false], ...refused('true', 1, 0, ...odd)],
  },
  {
    title: 'whole number',
    option: whole({ env, doc, default: 5, min: 2, max: 10 }),
    texts: [
      ['2', 2],
      ['10', 10],
      [' 7 ', 7],
      ...refused('1', '11', '', ' ', '2.5', '-2', 'x', '2x', 'Infinity', 'NaN'),
    ],
    values: [[2, 2], [10, 10], ...refused(1, 11, 2.5, Number.POSITIVE_INFINITY, '3', 3n, true, ...odd)],
  },
  {
    title: 'rate',
    option: rate({ env, doc, default: undefined }),
    texts: [['0', 0], ['1', 1], [' 0.25 ', 0.25], ['1e-3', 0.001], ...refused('-0.1', '1.1', '', ' ', 'x', 'NaN')],
    values: [[0, 0], [1, 1], [0.25, 0.25], ...refused(-0.1, 1.1, '0.5', 1n, true, ...odd)],
  },
  {
    title: 'rules',
    option: rules({ env, doc, default: [] }),
    texts: [['[]', []], [' [{"sample_rate":1}, 2] ', [{ sample_rate: 1 }, 2]], ...refused('', '{}', 'null', '[', '1')],
    values: [[[], []], [[{ sampleRate: 1 }], [{ sampleRate: 1 }]], ...refused('[]', {}, null, 1)],
  },
  {
    title: 'choice',
    option: choice(['one', 'two'], { env, doc, default: 'one' }),
    texts: [['one', 'one'], [' TWO ', 'two'], ...refused('', 'three', 'one or two', 'length')],
    values: [['Two', 'two'], ...refused('', 'three', ['one'], 1, ...odd)],
  },
  {
    title: 'list',
    option: list({ env, doc, default: [] }),
    texts: [
      ['pg', ['pg']],
      [' pg , express,,', ['pg', 'express']],
      [',', []],
    ],
    values: [[['pg'], ['pg']], [[], []], ...refused('pg', [1], ['pg', null], {}, null)],
  },
  {
    title: 'tags',
    option: tags({ env, doc, default: {} }),
    texts: [
      ['a:1', { a: '1' }],
      ['a:1,b:2', { a: '1', b: '2' }],
      ['a:1 b:2', { a: '1', b: '2' }],
      ['a:1   b:2\tc:3', { a: '1', b: '2', c: '3' }],
      [' a : 1 , b : 2 ', { a: '1', b: '2' }],
      ['a:x y,b:2', { a: 'x y', b: '2' }],
      ['url:http://x:80/', { url: 'http://x:80/' }],
      ['a:1,a:2', { a: '2' }],
      ['a:', { a: '' }],
      [':1,novalue,a:1', { a: '1' }],
      ['', {}],
    ],
    values: [
      [{ a: '1' }, { a: '1' }],
      [
        { a: 1, b: true, c: undefined, d: null },
        { a: '1', b: 'true' },
      ],
      [{}, {}],
      ...refused('a:1', ['a:1'], null, 1),
    ],
  },
  {
    title: 'pattern',
    option: pattern({ env, doc, default: undefined, none }),
    texts: [['a+', /a+/gi], ['.*', /.*/gi], ['', none], ...refused('(', '[')],
    values: [[/a+/, /a+/gi], [/a.b/gimsuy, /a.b/gimsu], ['x', /x/gi], ['', none], ...refused('(', 1, null, {}, [])],
  },
  {
    title: 'statuses',
    option: statuses({ env, doc, default: [[500, 599]] }),
    texts: [
      ['500-599', [[500, 599]]],
      [
        ' 404 , 500 - 599',
        [
          [404, 404],
          [500, 599],
        ],
      ],
      ['500-500', [[500, 500]]],
      ...refused('', '50', '5000', '500-', '-500', '599-500', '500,', '500;501', '5xx'),
    ],
    values: [
      [
        '500-599,404',
        [
          [500, 599],
          [404, 404],
        ],
      ],
      [[[500, 599]], [[500, 599]]],
      [
        [
          [500, 599],
          [404, 404],
        ],
        [
          [500, 599],
          [404, 404],
        ],
      ],
      [
        [404, '500-510'],
        [
          [404, 404],
          [500, 510],
        ],
      ],
      ...refused([], [[500, 599, 600]], [[599, 500]], [null], 500, null, {}),
    ],
  },
  {
    title: 'host',
    option: host({ env, doc, default: 'localhost' }),
    texts: [
      ...['localhost', 'agent.internal', '10.0.0.1', '::1', 'fe80::1', 'my_host'].map((raw): Row => [raw, raw]),
      ...refused(
        '',
        'my host',
        'http://agent',
        'agent/path',
        'user@agent',
        'agent?x',
        'agent#x',
        '[::1]',
        '10.0.0.1:80',
        'a:b',
      ),
    ],
    values: [['agent', 'agent'], ...refused('', 'http://agent', 1, ...odd)],
  },
]

for (const { title, option, texts, values } of kinds) {
  describe(`an option of kind ${title}`, () => {
    for (const [raw, value] of texts) {
      it(`${value === undefined ? 'refuses' : 'reads'} the text ${JSON.stringify(raw)}`, () => {
        assert.deepEqual(option.parse(raw as string), value)
      })
    }

    it('checks what is given in code', () => {
      for (const [given, value] of values) assert.deepEqual(option.check(given), value)
    })
  })
}

describe('an option', () => {
  it('names its variables, the first one set wins', () => {
    assert.deepEqual(flag({ env: 'DD_A', default: true, doc }).env, ['DD_A'])
    assert.deepEqual(flag({ env: ['DD_A', 'DD_B'], default: true, doc }).env, ['DD_A', 'DD_B'])
  })
})
