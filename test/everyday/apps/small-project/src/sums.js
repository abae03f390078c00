// Sums.

exports.add = (a, b) => a + b
exports.total = (numbers) => numbers.reduce(exports.add, 0)
