// A hidden field belongs to one object, and nobody but its owner can tell that it is there.

import { strict as assert } from 'node:assert'
import { inspect } from 'node:util'
import { hiddenField } from '../../src/base/hidden-field'

describe('a hidden field', () => {
  it('keeps one value per object, which can be changed and taken away', () => {
    const [one, other] = [hiddenField<number>(), hiddenField<string>()]
    const [a, b] = [{}, () => {}]
    one.set(a, 1)
    one.set(b, 2)
    other.set(a, 'x')
    assert.deepEqual(
      [one.get(a), one.get(b), one.get({}), other.get(a), other.get(b)],
      [1, 2, undefined, 'x', undefined],
    )
    one.set(a, 3)
    one.set(b, undefined)
    assert.deepEqual([one.get(a), one.get(b)], [3, undefined])
  })

  it('is not to be seen, copied or inherited', () => {
    const field = hiddenField<number>()
    const target = { visible: true }
    field.set(target, 1)
    assert.deepEqual(Reflect.ownKeys(target), ['visible'])
    assert.equal(inspect(target, { showHidden: true }), inspect({ visible: true }, { showHidden: true }))
    for (const copy of [{ ...target }, Object.create(target) as object, new Proxy(target, {})]) {
      assert.equal(field.get(copy), undefined)
    }
  })

  it('leaves an object alone that takes no new properties', () => {
    const field = hiddenField<number>()
    const frozen = Object.freeze({})
    field.set(frozen, 1)
    assert.equal(field.get(frozen), undefined)
    for (const none of [undefined, null, 'text']) {
      field.set(none as never, 1)
      assert.equal(field.get(none as never), undefined)
    }
  })
})
