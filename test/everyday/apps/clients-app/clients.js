// One function for each client: asks, with a body if it is POST, gives up after a while.

const GIVE_UP_MS = 300
const BODY = { name: 'bread' }

exports.clients = async () => {
  const axios = require('axios')
  const superagent = require('superagent')
  const nodeFetch = require('node-fetch')
  const undici = require('undici')
  const followRedirects = require('follow-redirects').http
  const { default: got } = await import('got')
  const { default: ky } = await import('ky')
  const json = (method) => (method === 'POST' ? BODY : undefined)
  const text = (method) => (method === 'POST' ? JSON.stringify(BODY) : undefined)
  const headers = (method) => (method === 'POST' ? { 'content-type': 'application/json' } : {})
  const answered = (status, data) => ({ status, data })

  return {
    async axios(url, method) {
      const { status, data } = await axios({ url, method, data: json(method), timeout: GIVE_UP_MS })
      return answered(status, data)
    },
    async got(url, method) {
      const options = { method, json: json(method), timeout: { request: GIVE_UP_MS }, retry: { limit: 1, backoffLimit: 10 } }
      const { statusCode, body } = await got(url, options)
      return answered(statusCode, JSON.parse(body))
    },
    async ky(url, method) {
      const response = await ky(url, { method, json: json(method), timeout: GIVE_UP_MS, retry: 0 })
      return answered(response.status, await response.json())
    },
    async superagent(url, method) {
      const { status, body } = await superagent(method, url).send(json(method)).timeout(GIVE_UP_MS)
      return answered(status, body)
    },
    async nodeFetch(url, method) {
      const response = await nodeFetch(url, {
        method,
        body: text(method),
        headers: headers(method),
        signal: AbortSignal.timeout(GIVE_UP_MS),
      })
      return answered(response.status, await response.json())
    },
    async fetch(url, method) {
      const signal = AbortSignal.timeout(GIVE_UP_MS)
      const response = await fetch(url, { method, body: text(method), headers: headers(method), signal })
      return answered(response.status, await response.json())
    },
    async undici(url, method) {
      const options = { method, body: text(method), headers: headers(method), headersTimeout: GIVE_UP_MS }
      const { statusCode, body } = await undici.request(url, options)
      const bytes = await body.text()
      return answered(statusCode, bytes.startsWith('{') ? JSON.parse(bytes) : bytes.length)
    },
    followRedirects(url, method) {
      return new Promise((resolve, reject) => {
        const options = { method, headers: headers(method), timeout: GIVE_UP_MS }
        const sent = followRedirects.request(url, options, (response) => {
          let bytes = 0
          response.on('data', (chunk) => (bytes += chunk.length)).on('error', reject)
          response.on('end', () => resolve(answered(response.statusCode, { bytes })))
        })
        sent.on('error', reject).on('timeout', () => sent.destroy(new Error('too slow')))
        sent.end(text(method))
      })
    },
  }
}
