// What the threads do.

exports.primes = (below) => {
  let count = 0
  candidates: for (let n = 2; n < below; n++) {
    for (let d = 2; d * d <= n; d++) if (n % d === 0) continue candidates
    count++
  }
  return count
}
exports.upper = (bytes) => new TextEncoder().encode(new TextDecoder().decode(bytes).toUpperCase())
exports.ask = async (url) => (await fetch(url)).json()
exports.fail = () => {
  throw new RangeError('too much work')
}
exports.exit = () => process.exit(7)
exports.forever = () => new Promise(() => setInterval(() => {}, 1000))
