// node --require dd/init tracer.js
const { tracer } = require('dd')

// The settings are those of the tracer, and its own requests are not traced.
const slow = tracer.api.with({ timeout: 60 })

slow.graphSnapshot('system.load.1{*}', Date.now() / 1000 - 3600, Date.now() / 1000).then(console.log)
