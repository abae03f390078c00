// Which plugins are on, and with which options. The program says so first, then the plugin's own variables, then the settings that are
// about all plugins, then the plugin itself.

import type { Config } from './config'
import type { Environment } from './option'
import { pluginDefaults } from './plugin-defaults'
import { enabledVariable, pluginEnabledByEnv, pluginServiceByEnv, pluginVariables } from './plugin-variables'

type Options = Readonly<Record<string, unknown>>

/** What a program says of a plugin. */
type Setting = boolean | Options | null | undefined

/** What a plugin says of itself. */
interface Entry {
  readonly name: string
  readonly isOffByDefault?: true
  readonly isLogger?: true
}

export class PluginChoice {
  /** The plugins that the program itself has turned off. */
  readonly #refused = new Set<string>()
  readonly #defaults: Readonly<Record<string, Options>>

  constructor(private readonly config: Config) {
    this.#defaults = pluginDefaults(config)
  }

  /**
   * The plugins that are to be on, with their options.
   * @param settings what the program says, by plugin
   * @param all whether those are on that the program does not name
   */
  choose(entries: readonly Entry[], settings: Readonly<Record<string, Setting>>, all: boolean): Map<string, Options> {
    const chosen = new Map<string, Options>()
    const env = pluginVariables()
    for (const entry of entries) {
      const { name } = entry
      const given = this.#given(entry, settings[name], all, env)
      if (given === undefined) continue
      const service = pluginServiceByEnv(name, env) ?? this.config.serviceMapping[name]
      chosen.set(name, withDefaults(given, { ...this.#defaults[name], ...(service && { service }) }))
    }
    return chosen
  }

  /** Why a plugin is not on, in words. */
  whyOff({ name, isOffByDefault }: Entry): string {
    const { enabled, disabledInstrumentations, logsInjection } = this.config
    if (!enabled) return 'tracing is off by a setting'
    if (this.#refused.has(name)) return 'the program leaves it out'
    if (pluginEnabledByEnv(name, pluginVariables()) === false) return `${enabledVariable(name)} is false`
    if (disabledInstrumentations.includes(name)) return 'DD_TRACE_DISABLED_INSTRUMENTATIONS names it'
    if (isOffByDefault) return 'it is off until DD_TRACE_<NAME>_ENABLED is true'
    return logsInjection
      ? 'the program did not choose it'
      : 'DD_LOGS_INJECTION is false, or the program did not choose it'
  }

  #given(entry: Entry, setting: Setting, all: boolean, env: Environment): Options | undefined {
    if (setting === undefined || setting === null) return all && this.#isOnByDefault(entry, env) ? {} : undefined
    const isOn = typeof setting === 'object' ? setting['enabled'] !== false : setting
    if (isOn) return typeof setting === 'object' ? setting : {}
    this.#refused.add(entry.name)
    return undefined
  }

  #isOnByDefault({ name, isLogger, isOffByDefault }: Entry, env: Environment): boolean {
    const { logsInjection, disabledInstrumentations } = this.config
    if (isLogger && !logsInjection) return false
    return pluginEnabledByEnv(name, env) ?? !(isOffByDefault || disabledInstrumentations.includes(name))
  }
}

/** What is given beats the defaults, also inside groups of options such as `http.server`. */
function withDefaults(given: Options, defaults: Options): Options {
  const options: Record<string, unknown> = { ...defaults, ...given }
  for (const [key, group] of Object.entries(defaults)) {
    const own = given[key]
    if (isGroup(group) && isGroup(own)) options[key] = { ...group, ...own }
  }
  return options
}

function isGroup(option: unknown): option is object {
  return typeof option === 'object' && option !== null && !Array.isArray(option)
}
