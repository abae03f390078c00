// Pins by themselves: what they take, where they stay, and what belongs to what.

import { strict as assert } from 'node:assert'
import { inspect } from 'node:util'
import dd, { Pin, type PinOptions } from '../../src'
import { belongs, findPin, whenPinned } from '../../src/trace/pin'
import { MadeTracer } from './made-tracer'

describe('a pin', () => {
  it('keeps its service, tags and tracer, and takes no change', () => {
    const tracer = new MadeTracer()
    const tags = { team: 'a' }
    const pin = new Pin({ service: 'db', tags, tracer })
    tags.team = 'b'
    assert.deepEqual([pin.service, pin.tags, pin.tracer], ['db', { team: 'a' }, tracer])
    assert.throws(() => Object.assign(pin, { service: 'other' }), TypeError)
    assert.throws(() => Object.assign(pin.tags as object, { team: 'c' }), TypeError)
  })

  it('is found on what it was put on, and nowhere else', () => {
    const [client, other] = [{}, {}]
    const pin = new Pin({ service: 'db' })
    assert.equal(Pin.of(client), undefined)
    assert.equal(pin.onto(client), pin)
    assert.equal(Pin.of(client), pin)
    assert.equal(Pin.of(other), undefined)
  })

  for (const nothing of [undefined, null, 1, 'client', Symbol('client')]) {
    it(`is not found on ${String(nothing)}`, () => assert.equal(Pin.of(nothing), undefined))
  }

  it('leaves with `removeFrom`, if it is the one that is there', () => {
    const client = {}
    const pin = new Pin({ service: 'db' }).onto(client)
    new Pin({ service: 'other' }).removeFrom(client)
    assert.equal(Pin.of(client), pin)
    pin.removeFrom(client)
    assert.equal(Pin.of(client), undefined)
  })

  it('cannot be seen by the program', () => {
    class Client {
      readonly host = 'a'
    }
    const client = new Client()
    const before = [inspect(client, { showHidden: true }), JSON.stringify(client), Reflect.ownKeys(client).join()]
    new Pin({ service: 'db' }).onto(client)
    assert.deepEqual(
      [inspect(client, { showHidden: true }), JSON.stringify(client), Reflect.ownKeys(client).join()],
      before,
    )
    assert.equal(Pin.of({ ...client }), undefined)
    assert.equal(Pin.of(structuredClone(client)), undefined)
  })

  it('stays on frozen objects, and leaves them', () => {
    const frozen = Object.freeze({})
    const pin = new Pin({ service: 'db' }).onto(frozen)
    assert.equal(Pin.of(frozen), pin)
    pin.removeFrom(frozen)
    assert.equal(Pin.of(frozen), undefined)
    const later = {}
    const first = new Pin({ service: 'first' }).onto(later)
    Object.freeze(later)
    assert.equal(Pin.of(later), first)
    const second = new Pin({ service: 'second' }).onto(later)
    assert.equal(Pin.of(later), second)
    second.removeFrom(later)
    assert.equal(Pin.of(later), undefined)
  })

  it('goes onto functions and proxies', () => {
    const application = () => {}
    const proxy = new Proxy({}, {})
    for (const target of [application, proxy]) assert.equal(Pin.of(target), undefined)
    const pin = new Pin({ service: 'db' }).onto(application).onto(proxy)
    for (const target of [application, proxy]) assert.equal(Pin.of(target), pin)
  })

  it('holds for what inherits from an object', () => {
    class Client {}
    const pin = new Pin({ service: 'db' }).onto(Client.prototype)
    const client = new Client()
    assert.equal(Pin.of(client), pin)
    assert.equal(Pin.of(Object.create(client)), pin)
    const own = Pin.override(client, { tags: { a: 1 } })
    assert.deepEqual([own.service, own.tags], ['db', { a: 1 }])
    assert.equal(Pin.of(new Client()), pin)
  })

  it('is changed by `override`, which makes one where there is none', () => {
    const client = {}
    const made = Pin.override(client, { service: 'db' })
    assert.equal(Pin.of(client), made)
    const changed = Pin.override(client, { tags: { a: 1 } })
    assert.equal(Pin.of(client), changed)
    assert.deepEqual([changed.service, changed.tags], ['db', { a: 1 }])
    assert.deepEqual([made.service, made.tags], ['db', undefined])
  })

  it('is cloned with changes; tags take the place of those that are there', () => {
    const tracer = new MadeTracer()
    const pin = new Pin({ service: 'db', tags: { a: 1, b: 2 }, tracer })
    assert.deepEqual({ ...pin.clone() }, { ...pin })
    assert.deepEqual({ ...pin.clone({ service: 'x', tags: { a: 3 } }) }, { service: 'x', tags: { a: 3 }, tracer })
  })

  it('is enabled while its tracer is on', async () => {
    const tracer = new MadeTracer()
    const pin = new Pin({ tracer })
    assert.equal(pin.enabled(), true)
    await tracer.shutdown()
    assert.equal(pin.enabled(), false)
    assert.equal(new Pin().enabled(), dd.isEnabled)
  })

  const refused: [name: string, options: unknown, message: RegExp][] = [
    ['a service that is no text', { service: 7 }, /service is text that is not empty, not number/],
    ['an empty service', { service: '' }, /service is text that is not empty, not empty text/],
    ['tags that are no object', { tags: 'a:1' }, /tags is an object of names and values, not string/],
    ['tags in an array', { tags: ['a'] }, /tags is an object of names and values, not an array/],
    ['no tags at all', { tags: null }, /tags is an object of names and values, not null/],
    ['a tracer that is none', { tracer: {} }, /tracer is a tracer of dd, not object/],
    ['an option that is none', { services: 'a' }, /there is no option services, only service, tags and tracer/],
    ['text in place of options', 'db', /options is an object with service, tags or tracer/],
  ]
  for (const [name, options, message] of refused) {
    it(`refuses ${name}`, () => {
      const client = {}
      const pin = new Pin()
      assert.throws(() => new Pin(options as PinOptions), { name: 'TypeError', message })
      assert.throws(() => pin.clone(options as PinOptions), { name: 'TypeError', message })
      assert.throws(() => Pin.override(client, options as PinOptions), { name: 'TypeError', message })
      assert.equal(Pin.of(client), undefined)
    })
  }

  for (const target of [undefined, null, 7, 'client'] as unknown as object[]) {
    it(`refuses to go onto ${String(target)}`, () => {
      const message = /target is a client, pool or other object, not (undefined|null|number|string)/
      assert.throws(() => new Pin().onto(target), { name: 'TypeError', message })
      assert.throws(() => new Pin().removeFrom(target), { name: 'TypeError', message })
      assert.throws(() => Pin.override(target, { service: 'a' }), { name: 'TypeError', message })
    })
  }
})

describe('what belongs to a pinned object', () => {
  it('follows it, and what belongs to it in turn, unless it has a pin of its own', () => {
    const [connection, pool, cluster] = [{}, {}, {}]
    belongs(connection, pool)
    belongs(pool, cluster)
    const pin = new Pin({ service: 'cluster' }).onto(cluster)
    assert.equal(Pin.of(connection), pin)
    const own = Pin.override(connection, { tags: { a: 1 } })
    assert.deepEqual([own.service, own.tags], ['cluster', { a: 1 }])
    assert.equal(Pin.of(pool), pin)
  })

  it('stays with the first it was said to belong to, also when it is frozen', () => {
    const [first, second] = [{}, {}]
    const frozen = Object.freeze({})
    for (const part of [{}, frozen]) {
      belongs(part, first)
      belongs(part, second)
      new Pin({ service: 'second' }).onto(second)
      const pin = new Pin({ service: 'first' }).onto(first)
      assert.equal(findPin(part), pin)
    }
  })

  it('may go round in a circle', () => {
    const [a, b] = [{}, {}]
    belongs(a, b)
    belongs(b, a)
    assert.equal(findPin(a), undefined)
    const pin = new Pin({ service: 'db' }).onto(b)
    assert.equal(findPin(a), pin)
  })

  it('may be behind what the program holds, by what a plugin says', () => {
    const inner = {}
    const wrapper = { inner }
    const end = whenPinned((target) => (target as Partial<typeof wrapper>).inner)
    try {
      const pin = new Pin({ service: 'db' }).onto(wrapper)
      assert.equal(findPin(inner), pin)
      assert.equal(findPin(wrapper), undefined)
      assert.equal(Pin.of(wrapper), pin)
      assert.equal(Pin.of({ inner }), pin)
      pin.removeFrom(wrapper)
      assert.equal(findPin(inner), undefined)
    } finally {
      end()
    }
    const pin = new Pin({ service: 'db' }).onto(wrapper)
    assert.equal(findPin(wrapper), pin)
  })

  it('does not depend on a plugin that fails', () => {
    const end = whenPinned(() => {
      throw new Error('a fault')
    })
    const client = {}
    try {
      assert.equal(Pin.of(client), undefined)
      const pin = new Pin({ service: 'db' }).onto(client)
      assert.equal(Pin.of(client), pin)
    } finally {
      end()
    }
  })
})
