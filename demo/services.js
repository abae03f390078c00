// Starts the two services of the demo, as a script of any project does, each under its name.

const { fork } = require('node:child_process')
const { once } = require('node:events')
const { join } = require('node:path')

const { env } = process

async function main() {
  const payments = fork(join(__dirname, 'payments.js'), { env: { ...env, DD_SERVICE: 'payments' } })
  const [PAYMENTS_URL] = await once(payments, 'message')
  const shop = fork(join(__dirname, 'shop.js'), { env: { ...env, PAYMENTS_URL, DD_SERVICE: 'shop' } })
  // Ctrl+C reaches all of them by itself.
  process.on('SIGINT', () => {})
  process.on('SIGTERM', () => shop.kill('SIGTERM'))
  const [code] = await once(shop, 'exit')
  payments.kill('SIGTERM')
  process.exitCode = code ?? 1
}

main()
