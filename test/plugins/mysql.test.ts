// The mysql plugin against a real server, which is MariaDB unless DD_TEST_MYSQL_URL names one: see mysql-suite.ts. Here is what only
// this driver can do.

import { describeWith, mysql } from '../services'
import { describeLibrary } from '../support/library'
import { type Connection, heard, type Row, rows, TEXT, withRows } from './mysql-driver'
import { describeDriver } from './mysql-suite'

const own: readonly Row[] = [
  {
    name: 'a query made by hand',
    run(c, probe) {
      const { createQuery } = c.constructor as unknown as { createQuery(...args: unknown[]): never }
      c.query(createQuery(TEXT, [2], withRows(probe)))
    },
  },
  {
    name: 'a query made by hand that tells by events',
    run(c: Connection, probe) {
      const { createQuery } = c.constructor as unknown as { createQuery(...args: unknown[]): never }
      heard(probe, c.query(createQuery(TEXT, [2])))
    },
  },
]

describeLibrary('mysql', { name: 'mysql', majors: { 2: ['2.0.0', '2.18.1'] } }, (library) => {
  describeWith(mysql, 'mysql', (server) => describeDriver('mysql', library, server, [...rows, ...own]))
})
