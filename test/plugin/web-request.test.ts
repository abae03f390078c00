// What server and framework know of one request, found by whatever object stands for it.

import { strict as assert } from 'node:assert'
import { aliasWebRequest, beginWebRequest, webRequestOf } from '../../src/plugin'
import { MadeTracer } from '../trace/made-tracer'

describe('web requests', () => {
  it('are found by the object that they were begun for, and by its aliases', () => {
    const [stream, request] = [{}, {}]
    const span = new MadeTracer().startSpan('web.request')
    beginWebRequest(stream, span)
    const web = webRequestOf(stream)
    assert.equal(web?.span, span)
    assert.equal(webRequestOf(request), undefined)
    aliasWebRequest(request, web!)
    webRequestOf(request)!.route = '/a'
    assert.equal(web?.route, '/a')
  })
})
