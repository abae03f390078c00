// Prints a sum.

const { total } = require('./sums')

console.log(total([1, 2, 3]))
