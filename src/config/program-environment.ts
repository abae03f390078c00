// The environment as the program will have it. pm2 hands a process of its cluster mode all variables in one, `pm2_env`, and sets them when
// what is preloaded has run: `DD_SERVICE` and the like are not there yet, and the file in `process.argv` is pm2's own.

import type { Environment } from './option'

export function programEnvironment(env: Environment = process.env): Environment {
  const { pm2_env: handed } = env
  if (handed === undefined) return env
  try {
    const found = Object.entries(JSON.parse(handed) as object).filter(([, value]) => typeof value === 'string')
    return { ...env, ...Object.fromEntries(found) }
  } catch {
    // Somebody else's variable.
    return env
  }
}

/** The program's file, as far as Node knows one. */
export function programFile(file: string | undefined = process.argv[1], env?: Environment): string | undefined {
  if (file === undefined || !/[\\/]ProcessContainer(?:Fork)?\.js$/.test(file)) return file
  return programEnvironment(env)['pm_exec_path'] ?? file
}
