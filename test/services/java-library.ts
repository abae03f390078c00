// The jars of a Java server for the tests, fetched once from Maven Central into a cache that outlives the run. What makes a server
// is in `test/services/<name>/`: its pom.xml, and the Java file with its `main` where it needs one.

import { execFile } from 'node:child_process'
import { createHash } from 'node:crypto'
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { cleanEnv } from '../support/clean-env'
import { repoRoot } from '../support/repo-root'
import { cacheFolder } from './cache-folder'
import { installDebianPackage } from './debian-package'
import { programPath } from './local-server'
import { say } from './say'

const run = promisify(execFile)
const STEP_TIMEOUT_MS = 500_000
const COPY_JARS = 'org.apache.maven.plugins:maven-dependency-plugin:3.6.1:copy-dependencies'

interface JavaLibrary {
  /** Holds `lib/*.jar`, `classes/` and what else stands beside the pom. */
  readonly folder: string
  readonly java: string
  readonly from: string
}

/** @param finish what is still to be done in a folder that was just filled */
export async function javaLibrary(name: string, finish?: (folder: string) => void): Promise<JavaLibrary> {
  const java = await javaTools()
  const source = join(repoRoot, 'test', 'services', name)
  const hash = createHash('sha256')
  for (const file of readdirSync(source).sort()) hash.update(file).update(readFileSync(join(source, file)))
  const folder = join(cacheFolder, `${name}-${hash.digest('hex').slice(0, 12)}`)
  if (existsSync(folder)) return { folder, java, from: folder }
  say(`fetching ${name} from Maven Central (some seconds)`)
  const making = `${folder}.${process.pid}`
  rmSync(making, { recursive: true, force: true })
  mkdirSync(cacheFolder, { recursive: true })
  cpSync(source, making, { recursive: true })
  const inFolder = { cwd: making, env: cleanEnv(), timeout: STEP_TIMEOUT_MS }
  await run('mvn', ['-B', '-ntp', '-q', COPY_JARS, '-DincludeScope=runtime', '-DoutputDirectory=lib'], inFolder)
  finish?.(making)
  const sources = readdirSync(making).filter((file) => file.endsWith('.java'))
  if (sources.length > 0) await run('javac', ['-cp', 'lib/*', '-d', 'classes', ...sources], inFolder)
  try {
    renameSync(making, folder)
  } catch {
    // Another run was faster.
    rmSync(making, { recursive: true, force: true })
  }
  return { folder, java, from: 'Maven Central' }
}

async function javaTools(): Promise<string> {
  if (programPath('mvn') === undefined) await installDebianPackage('maven')
  if (programPath('javac') === undefined) await installDebianPackage('default-jdk-headless')
  const java = programPath('java')
  if (java === undefined) throw new Error('no java')
  return java
}
