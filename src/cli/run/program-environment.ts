// The environment of a program under `dog run`: tracing is preloaded into every Node.js process, all traces are kept, and traces and
// metrics go to the local agent, those of OpenTelemetry's kits too. What the user has set of sampling stays.

import { join } from 'node:path'
import { withRequire } from '../node-options'

/** Soon enough to see a trace while one still looks at the page that made it. */
const FLUSH_INTERVAL_MS = 200

type Environment = Readonly<Record<string, string | undefined>>

interface Addresses {
  readonly url: string
  /** UDP; undefined where metrics are not taken. */
  readonly dogstatsdPort: number | undefined
}

export function programEnvironment(env: Environment, { url, dogstatsdPort }: Addresses): NodeJS.ProcessEnv {
  const preset = (name: string, value: string) => ({ [name]: env[name] ?? value })
  return {
    ...env,
    NODE_OPTIONS: withRequire(env['NODE_OPTIONS'], join(__dirname, '..', '..', 'register.js')),
    DD_TRACE_AGENT_URL: url,
    ...preset('DD_TRACE_FLUSH_INTERVAL', String(FLUSH_INTERVAL_MS)),
    // OpenTelemetry's name of the same setting would lose to Datadog's.
    ...(env['OTEL_TRACES_SAMPLER'] === undefined && preset('DD_TRACE_SAMPLE_RATE', '1')),
    // Else a rate brings a limit of 100 traces a second with it.
    ...preset('DD_TRACE_RATE_LIMIT', '-1'),
    // What the program records with OpenTelemetry's kits is to be seen as well; the agent takes OTLP over HTTP where it takes traces.
    ...(!Object.keys(env).some((name) => /^OTEL_EXPORTER_OTLP_.*ENDPOINT$/.test(name)) && {
      OTEL_EXPORTER_OTLP_ENDPOINT: url,
      ...preset('OTEL_EXPORTER_OTLP_PROTOCOL', 'http/protobuf'),
    }),
    ...(dogstatsdPort !== undefined && {
      DD_AGENT_HOST: new URL(url).hostname.replace(/^\[|\]$/g, ''),
      DD_DOGSTATSD_PORT: String(dogstatsdPort),
      // Both would count more than host and port.
      DD_DOGSTATSD_URL: undefined,
      DD_DOGSTATSD_HOST: undefined,
      ...preset('DD_RUNTIME_METRICS_ENABLED', 'true'),
    }),
  }
}

interface Terminal {
  readonly columns?: number
  getColorDepth?(env?: object): number
}

/**
 * What tells a program of the terminal behind its pipes. Only where all of its output goes there: a file or another program would get
 * the colours, too.
 */
export function terminalEnvironment(env: Environment, terminal: Terminal): NodeJS.ProcessEnv {
  const columns = env['COLUMNS'] === undefined && terminal.columns ? { COLUMNS: String(terminal.columns) } : {}
  if (env['NO_COLOR'] || env['FORCE_COLOR'] !== undefined) return columns
  const depth = terminal.getColorDepth?.(env) ?? 4
  if (depth < 4) return columns
  return { ...columns, FORCE_COLOR: depth >= 24 ? '3' : depth >= 8 ? '2' : '1' }
}
