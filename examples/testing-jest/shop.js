// A program that is to be tested: the prices of a shop, over HTTP.

const { createServer } = require('node:http')
const { tracer } = require('dd')

const prices = { apple: 3, pear: 4 }

const priceOf = tracer.wrap(
  'shop.price',
  (item) => ({ resource: item, tags: { item } }),
  async (item) => {
    if (!Object.hasOwn(prices, item)) throw new RangeError(`there is no ${item}`)
    return prices[item]
  },
)

exports.createShop = () =>
  createServer(async (request, response) => {
    try {
      response.end(JSON.stringify({ price: await priceOf(request.url.slice(1)) }))
    } catch (error) {
      response.writeHead(404).end(error.message)
    }
  })
