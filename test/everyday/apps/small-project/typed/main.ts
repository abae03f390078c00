// Prints a sum, and fails with a stack that names this file when it is asked to.

declare const process: { argv: string[] }

import { type Sum, total } from './total'

enum Way {
  Add = 'add',
  Fail = 'fail',
}

const sum: Sum = { numbers: process.argv.slice(3).map(Number) }
if (process.argv[2] === Way.Fail) throw new RangeError('asked to fail')
console.log(total(sum))
