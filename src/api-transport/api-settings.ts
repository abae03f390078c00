// Where Datadog's API is, with which keys and through which proxy: from options, completed from the environment, and checked before
// anything is sent.

import { arch, platform } from 'node:os'
import { type LogLevel, log } from '../base/log'
import { SettingsSource } from '../base/settings-source'

export interface ApiEnvironment {
  /** `DATADOG_API_KEY`, `DD_API_KEY`. */
  readonly apiKey: string | undefined
  /** `DATADOG_APP_KEY`, `DD_APP_KEY`. */
  readonly applicationKey: string | undefined
  /** `DD_SITE`. */
  readonly site: string | undefined
  /** `DATADOG_HOST`. */
  readonly apiHost: string | undefined
  /** `DD_HOSTNAME`. */
  readonly hostname: string | undefined
  /** `DD_PROXY_HTTPS`, `HTTPS_PROXY`. */
  readonly proxy: string | undefined
  /** `DD_PROXY_NO_PROXY`, `NO_PROXY`. */
  readonly noProxy: string | undefined
  /** `DD_TRACE_LOG_LEVEL`: the least that is said on stderr. */
  readonly logLevel?: LogLevel | 'off' | undefined
  /** Of this package, for `User-Agent`. */
  readonly clientVersion: string | undefined
}

export const apiEnvironment = new SettingsSource<ApiEnvironment>()

export interface ApiAddressOptions {
  /** Default: `DATADOG_API_KEY`, else `DD_API_KEY`. */
  readonly apiKey?: string | undefined
  /** Datadog's site: `datadoghq.eu`, `us3.datadoghq.com` … Default: `DD_SITE`, else `datadoghq.com`. */
  readonly site?: string | undefined
  /** In place of the site: a host, or a URL such as `http://localhost:8126` of a local agent. Default: `DATADOG_HOST`. */
  readonly apiHost?: string | undefined
  /**
   * An HTTP proxy for what goes over TLS: `http://user:password@proxy:3128`. An empty text is none. Default: `DD_PROXY_HTTPS`, else
   * `HTTPS_PROXY`, but not for the hosts in `DD_PROXY_NO_PROXY` or `NO_PROXY`.
   */
  readonly proxy?: string | undefined
}

export interface ApiAddress {
  readonly url: URL
  readonly apiKey: string | undefined
  readonly proxy: string | undefined
  /** Whether it is a server that was named, and no site of Datadog's: it may do without keys. */
  readonly isOwnHost: boolean
  readonly userAgent: string
}

/** @throws TypeError for an option that cannot be what it is */
export function apiAddressOf(
  options: ApiAddressOptions,
  env: Partial<ApiEnvironment> = apiEnvironment.read(),
): ApiAddress {
  // People copy it from their browser: https://app.datadoghq.eu/
  const site = textOf('site', options.site ?? env.site ?? 'datadoghq.com').replace(
    /^(?:https?:\/\/)?(?:(?:app|api)\.)?([^/]*).*$/is,
    '$1',
  )
  const apiHost = options.apiHost ?? (options.site === undefined ? env.apiHost : undefined)
  const url = urlOf(textOf('apiHost', apiHost ?? `api.${site}`))
  return {
    url,
    apiKey: keyOf('apiKey', options.apiKey ?? env.apiKey),
    proxy: options.proxy === undefined ? proxyOf(url, env) : checkedProxy(options.proxy),
    isOwnHost: apiHost !== undefined && !isDatadogs(url.hostname),
    userAgent: `dd-node/${env.clientVersion ?? 'unknown'} (node ${process.version}; os ${platform()}; arch ${arch()})`,
  }
}

/**
 * A key without the white space that files have at their end; undefined if nothing is left.
 * @throws TypeError where a header cannot carry it; the error of Node's would show it
 */
export function keyOf(name: string, value: unknown): string | undefined {
  const key = textOf(name, value ?? '').trim()
  if (/[^\x21-\x7e]/.test(key)) throw new TypeError(`${name} has characters that a key cannot have`)
  return key || undefined
}

function textOf(name: string, value: unknown): string {
  if (typeof value !== 'string') throw new TypeError(`${name} is a text, not ${typeof value}`)
  return value
}

function urlOf(host: string): URL {
  const address = /^https?:\/\//i.test(host) ? host : `https://${host}`
  if (host === '' || /^(?!https?:)[a-z]+:\/\//i.test(host) || !URL.canParse(address)) {
    throw new TypeError('apiHost is a host or a URL, https://api.datadoghq.com')
  }
  const url = new URL(address)
  if (url.username !== '' || url.password !== '') throw new TypeError('apiHost is a URL without user and password')
  // Where people look at Datadog, and where its API was in the past.
  if (url.hostname.startsWith('app.') && isDatadogs(url.hostname)) url.hostname = url.hostname.replace('app.', 'api.')
  url.pathname = url.pathname.replace(/\/+$/, '')
  url.search = ''
  url.hash = ''
  return url
}

function isDatadogs(hostname: string): boolean {
  return /(?:^|\.)(?:datadoghq\.com|datadoghq\.eu|ddog-gov\.com)$/.test(hostname)
}

function checkedProxy(proxy: string): string | undefined {
  if (proxy === '') return undefined
  if (!isProxy(proxy)) throw new TypeError('proxy is the URL of an HTTP proxy, http://proxy:3128')
  return proxy
}

function isProxy(proxy: unknown): boolean {
  return typeof proxy === 'string' && /^https?:\/\//i.test(proxy) && URL.canParse(proxy)
}

/** That of the environment, which must not break a program. Nobody means it to be asked for this machine. */
function proxyOf(url: URL, { proxy, noProxy = '' }: Partial<ApiEnvironment>): string | undefined {
  if (!proxy || url.protocol !== 'https:' || LOOPBACK.test(url.hostname)) return undefined
  if (noProxy.split(/[\s,]+/).some((rule) => covers(rule, url))) return undefined
  const address = proxy.includes('://') ? proxy : `http://${proxy}`
  if (isProxy(address)) return address
  log.once('proxy', 'the proxy in DD_PROXY_HTTPS or HTTPS_PROXY is no URL such as http://proxy:3128: it is not used')
  return undefined
}

const LOOPBACK = /^(?:localhost|127\.\d+\.\d+\.\d+|\[::1\])$/

/** Whether a rule of `NO_PROXY` names a host: `*`, the host itself, or a domain above it; with a port, that port only. */
function covers(rule: string, { hostname, port }: URL): boolean {
  if (rule === '*') return true
  const asked = port || '443'
  const parts = /^(?:\*?\.)?(\[.*\]|[^:]*)(?::(\d+))?$/.exec(rule.toLowerCase())
  const [, name = '', rulePort = asked] = parts ?? ['', `[${rule.toLowerCase()}]`]
  if (name === '' || rulePort !== asked) return false
  return hostname === name || hostname.endsWith(`.${name}`)
}
