// Depends on the hour.

exports.greeting = () => (new Date().getHours() < 12 ? 'good morning' : 'good day')
exports.unused = () => 'never called'
