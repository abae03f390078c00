// Builds the package into dist/: compiles the TypeScript and copies what the compiler leaves behind (the viewer's page).
import { spawnSync } from 'node:child_process'
import { cpSync, existsSync, readdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('..', import.meta.url))
const viewer = join('src', 'local-agent', 'viewer')

rmSync(join(root, 'dist'), { recursive: true, force: true })
const compiler = join(root, 'node_modules', 'typescript', 'bin', 'tsc')
const { status } = spawnSync(process.execPath, [compiler, '-p', root], { stdio: 'inherit' })
if (status !== 0) process.exit(status ?? 1)

if (existsSync(join(root, viewer))) {
  for (const file of readdirSync(join(root, viewer)).filter((name) => !name.endsWith('.ts'))) {
    cpSync(join(root, viewer, file), join(root, 'dist', viewer, file))
  }
}
