// Metrics that the program counts, each sent as it is.
const { statsd } = require('dd').tracer

statsd.increment('orders', 1, { tags: { shop: 'berlin' } })
statsd.gauge('queue.length', 12)
statsd.distribution('order.value', 59.9, { tags: ['shop:berlin', 'currency:eur'] })

// Tags that many calls share are written once.
const pageTags = statsd.tagSet({ page: 'start' })
for (let i = 0; i < 3; i++) statsd.increment('page.views', 1, { tags: pageTags })

// Each call of what `timer` gives is measured until its promise settles.
const ship = statsd.timer('ship')(async (order) => `${order} is on its way`)
ship('order 7').then(console.log)
