// The variables that say where Datadog's API is, with which keys and which way: for the table of options, and for `dd/api`, which works
// without that table.

export const API_VARIABLES = {
  apiKey: ['DATADOG_API_KEY', 'DD_API_KEY'],
  applicationKey: ['DATADOG_APP_KEY', 'DD_APP_KEY'],
  site: ['DD_SITE', 'DATADOG_SITE'],
  apiHost: ['DATADOG_HOST'],
  hostname: ['DD_HOSTNAME'],
  proxy: ['DD_PROXY_HTTPS', 'HTTPS_PROXY', 'https_proxy'],
  noProxy: ['DD_PROXY_NO_PROXY', 'NO_PROXY', 'no_proxy'],
} as const

export type ApiVariable = keyof typeof API_VARIABLES
