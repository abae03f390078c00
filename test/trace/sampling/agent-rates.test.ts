// How the Agent's rates follow each other: down at once, up to the double at most.

import { strict as assert } from 'node:assert'
import { AgentRates } from '../../../src/trace/sampling/agent-rates'

describe("the Agent's rates", () => {
  let rates: AgentRates
  beforeEach(() => {
    rates = new AgentRates((service) => `service:${service},env:prod`)
  })
  const of = (service: string) => rates.samplerOf(service)?.rate
  const forShop = (rate: number) => rates.set({ 'service:shop,env:prod': rate })

  it('take the first one as it is', () => {
    assert.equal(forShop(0.01), true)
    assert.equal(of('shop'), 0.01)
  })

  it('fall at once', () => {
    forShop(1)
    assert.equal(forShop(0.001), true)
    assert.equal(of('shop'), 0.001)
  })

  it('rise to the double with each answer, until they are what is asked for', () => {
    forShop(0.1)
    const steps = Array.from({ length: 6 }, () => [forShop(1), of('shop')])
    assert.deepEqual(steps, [
      [false, 0.2],
      [false, 0.4],
      [false, 0.8],
      [true, 1],
      [true, 1],
      [true, 1],
    ])
  })

  it('take exactly the double, and less, as they are', () => {
    forShop(0.25)
    assert.deepEqual([forShop(0.5), of('shop')], [true, 0.5])
    assert.deepEqual([forShop(0.75), of('shop')], [true, 0.75])
  })

  it('let a service that is new rise from the default rate', () => {
    rates.set({ 'service:,env:': 0.1 })
    rates.set({ 'service:,env:': 0.1, 'service:shop,env:prod': 1 })
    assert.equal(of('shop'), 0.2)
  })

  it('take the first rate of a service as it is where there is no default rate', () => {
    rates.set({ 'service:db,env:prod': 0.1 })
    rates.set({ 'service:db,env:prod': 0.1, 'service:shop,env:prod': 1 })
    assert.equal(of('shop'), 1)
  })

  it('leave 0 at once, which has no double', () => {
    forShop(0)
    assert.equal(forShop(0.5), true)
    assert.equal(of('shop'), 0.5)
  })

  it('find a service by the name that the Agent gives it', () => {
    rates = new AgentRates((service) => `service:${service.replace(' ', '_')},env:`)
    rates.set({ 'service:my_shop,env:': 0.5 })
    assert.equal(of('my shop'), 0.5)
    assert.equal(of('my-shop'), undefined)
  })
})
