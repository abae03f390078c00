// The environment for child processes of the tests: that of the test run without what would steer `dd` or Node.
// `npm_*` goes too, because `npm test` sets `npm_package_name`, a place where service names are looked for.

const steering = /^_?(DD|OTEL|npm)_|^(NODE_OPTIONS|NODE_PATH|NODE_V8_COVERAGE|NODE_DEBUG|NODE_EXTRA_CA_CERTS)$/

/** `undefined` takes a variable away. */
export function cleanEnv(extra: Record<string, string | undefined> = {}): Record<string, string> {
  const inherited = Object.entries(process.env).filter(([name]) => !steering.test(name))
  const all = [...inherited, ...Object.entries(extra)].filter(
    (entry): entry is [string, string] => entry[1] !== undefined,
  )
  const removed = new Set(Object.keys(extra).filter((name) => extra[name] === undefined))
  return Object.fromEntries(all.filter(([name]) => !removed.has(name)))
}
