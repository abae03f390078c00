// A rule that finds something.

module.exports = [{ files: ['src/*.js'], rules: { 'no-console': 'error', 'prefer-const': 'warn' } }]
