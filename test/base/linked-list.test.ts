// A list in order of arrival from which anything may go at any time, and where what has gone holds nothing.

import { strict as assert } from 'node:assert'
import { type Linked, LinkedList } from '../../src/base/linked-list'

class Item implements Linked<Item> {
  older: Item | undefined
  newer: Item | undefined

  constructor(readonly name: string) {}
}

describe('LinkedList', () => {
  const [a, b, c] = ['a', 'b', 'c'].map((name) => new Item(name)) as [Item, Item, Item]
  let list: LinkedList<Item>
  const names = () =>
    list
      .toArray()
      .map(({ name }) => name)
      .join('')
  beforeEach(() => {
    list = new LinkedList()
    for (const item of [a, b, c]) list.add(item)
  })
  afterEach(() => {
    for (const item of [a, b, c]) list.delete(item)
  })

  it('has what was added, oldest first', () => {
    assert.equal(names(), 'abc')
    assert.equal(list.size, 3)
    assert.equal(list.oldest, a)
    assert.ok(list.has(a) && list.has(b) && list.has(c))
  })

  for (const [gone, left] of [
    [a, 'bc'],
    [b, 'ac'],
    [c, 'ab'],
  ] as const) {
    it(`lets ${gone.name} go, which then holds nothing and may come again`, () => {
      assert.equal(list.delete(gone), true)
      assert.equal(names(), left)
      assert.equal(list.size, 2)
      assert.deepEqual([gone.older, gone.newer, list.has(gone)], [undefined, undefined, false])
      assert.equal(list.delete(gone), false)
      list.add(gone)
      assert.equal(names(), left + gone.name)
    })
  }

  it('leaves what is there at its place', () => {
    list.add(a)
    assert.equal(names(), 'abc')
    assert.equal(list.size, 3)
  })

  it('is empty when the last has gone', () => {
    for (const item of [c, a, b]) list.delete(item)
    assert.deepEqual([list.size, list.oldest, names()], [0, undefined, ''])
    list.add(b)
    assert.equal(names(), 'b')
  })
})
