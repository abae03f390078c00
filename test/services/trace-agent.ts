// Datadog's own trace agent for the tests: the core of its Agent, built from its Go module into a cache that outlives the run, with an
// intake beside it that keeps what the Agent sends on, its log and its counters (test/services/trace-agent/main.go).

import { execFile } from 'node:child_process'
import { createHash } from 'node:crypto'
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { cleanEnv } from '../support/clean-env'
import { freePort } from '../support/free-port'
import { repoRoot } from '../support/repo-root'
import { cacheFolder } from './cache-folder'
import { programPath, startLocalServer } from './local-server'
import { say } from './say'
import type { Missing, RunningService, Service } from './service'

const run = promisify(execFile)
/** It fetches 186 MB of modules when it is the first. */
const BUILD_TIMEOUT_MS = 500_000
const SOURCE = join(repoRoot, 'test', 'services', 'trace-agent')

export const traceAgent: Service = {
  name: "Datadog's trace agent",
  async start(): Promise<RunningService | Missing> {
    const go = [programPath('go'), '/usr/local/go/bin/go'].find((path) => path !== undefined && existsSync(path))
    if (go === undefined) return { missing: 'no Go to build it with', isOptional: true }
    try {
      return await launch(await built(go))
    } catch (error) {
      return { missing: String((error as Error).message) }
    }
  },
}

/** Where the intake of a running agent answers: the port after the agent's `#`. */
export function intakeUrl({ url }: RunningService): string {
  return `http://127.0.0.1:${new URL(url).hash.slice(1)}`
}

/** Where a tracer sends to. */
export function receiverUrl({ url }: RunningService): string {
  return new URL(url).origin
}

async function built(go: string): Promise<string> {
  const hash = createHash('sha256')
  for (const file of readdirSync(SOURCE).sort()) hash.update(file).update(readFileSync(join(SOURCE, file)))
  const folder = join(cacheFolder, `trace-agent-${hash.digest('hex').slice(0, 12)}`)
  const program = join(folder, 'trace-agent')
  if (existsSync(program)) return program
  say("building Datadog's trace agent from its Go module (a minute if it must be fetched)")
  const making = `${folder}.${process.pid}`
  rmSync(making, { recursive: true, force: true })
  mkdirSync(cacheFolder, { recursive: true })
  cpSync(SOURCE, making, { recursive: true })
  // `go mod tidy` fails on the module's own replacements; the sums are complete as they are.
  const inFolder = { cwd: making, env: cleanEnv({ GOFLAGS: '-mod=mod' }), timeout: BUILD_TIMEOUT_MS }
  await run(go, ['build', '-o', 'trace-agent', '.'], inFolder)
  try {
    renameSync(making, folder)
  } catch {
    // Another run was faster.
    rmSync(making, { recursive: true, force: true })
  }
  return program
}

async function launch(program: string): Promise<RunningService> {
  const [port, intakePort] = [await freePort(), await freePort()]
  const url = `http://127.0.0.1:${port}`
  return startLocalServer({
    name: 'trace-agent',
    command: () => [program, '-port', String(port), '-intake', String(intakePort)],
    url: `${url}/#${intakePort}`,
    from: 'Go module github.com/DataDog/datadog-agent/pkg/trace',
    async version() {
      const info = (await (await fetch(`${url}/info`)).json()) as { version: string }
      await fetch(`http://127.0.0.1:${intakePort}/logs`)
      return info.version || MODULE_VERSION
    },
  })
}

/** A build from the module does not know its own. */
const MODULE_VERSION = /datadog-agent\/pkg\/trace v(\S+)/.exec(readFileSync(join(SOURCE, 'go.mod'), 'utf8'))?.[1] ?? ''
