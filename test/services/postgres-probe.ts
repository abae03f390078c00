// A program, not a module: connects to the PostgreSQL of argv[2] with `pg` until it answers or argv[3] milliseconds have
// passed, and prints what `select version()` says. It runs as a process of its own because the test process may not load
// `pg` before the tests do, nor make a query that an instrumented `pg` would turn into a span.

interface Client {
  connect(): Promise<void>
  query(text: string): Promise<{ rows: { version: string }[] }>
  end(): Promise<void>
}

async function main(url: string, patienceMs: number): Promise<void> {
  const { Client } = require('pg') as { Client: new (options: object) => Client }
  const deadline = performance.now() + patienceMs
  for (;;) {
    const client = new Client({ connectionString: url, connectionTimeoutMillis: 2000 })
    try {
      await client.connect()
      const { rows } = await client.query('select version()')
      await client.end()
      process.stdout.write(rows[0]!.version)
      return
    } catch (error) {
      if (performance.now() > deadline) {
        process.stderr.write((error as Error).message || (error as { code?: string }).code || 'no answer')
        process.exitCode = 1
        return
      }
      await new Promise((resolve) => setTimeout(resolve, 25))
    }
  }
}

void main(process.argv[2]!, Number(process.argv[3]))
