// What a metric has if a call does not say otherwise: the time, and the name of the host, which on EC2 may be the id of the instance.
// Source: AWS, "Instance metadata": version 2, by a token.

import { hostname } from 'node:os'

interface MetricDefaultsSettings {
  /** `DD_HOSTNAME`; default: the machine's name. */
  readonly hostname: string | undefined
  readonly usesEc2InstanceId: boolean
  readonly fetch: typeof fetch
  /** A clock, in milliseconds since the epoch. */
  readonly nowMs: () => number
}

const METADATA = 'http://169.254.169.254/latest'
/** On EC2 it answers at once; elsewhere nobody does. */
const TIMEOUT_MS = 250

export class MetricDefaults {
  readonly #settings: MetricDefaultsSettings
  #host: Promise<string> | undefined

  constructor(settings: MetricDefaultsSettings) {
    this.#settings = settings
  }

  get nowSeconds(): number {
    return Math.floor(this.#settings.nowMs() / 1000)
  }

  /** Asked for once. */
  host(): Promise<string> {
    this.#host ??= this.#findHost()
    return this.#host
  }

  async #findHost(): Promise<string> {
    const { hostname: given = hostname(), usesEc2InstanceId } = this.#settings
    if (!usesEc2InstanceId) return given
    try {
      return (await this.#instanceId()) || given
    } catch {
      return given
    }
  }

  async #instanceId(): Promise<string> {
    const token = await this.#read('api/token', 'PUT', { 'X-aws-ec2-metadata-token-ttl-seconds': '60' })
    return this.#read('meta-data/instance-id', 'GET', { 'X-aws-ec2-metadata-token': token })
  }

  async #read(path: string, method: string, headers: Record<string, string>): Promise<string> {
    const { fetch } = this.#settings
    const response = await fetch(`${METADATA}/${path}`, { method, headers, signal: AbortSignal.timeout(TIMEOUT_MS) })
    if (!response.ok) throw new Error(`${path} was answered ${response.status}`)
    return (await response.text()).trim()
  }
}
