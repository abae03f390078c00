// Ordinary programs, run as they are and run with `dd` preloaded: what `dd` must not change is compared, what it must send is
// taken by a fake Agent.

import { strict as assert } from 'node:assert'
import { join } from 'node:path'
import { type Finished, type NodeProgram, runNode } from '../support/spawn'

const built = join(__dirname, '..', '..', 'src')

/** The files of this build, wherever it is. */
export const INIT = join(built, 'init.js')
export const REGISTER = join(built, 'register.js')
export const INDEX = join(built, 'index.js')

/** The program with `dd` preloaded, sending to `agentUrl`. */
export function traced<P extends NodeProgram>(program: P, agentUrl: string, env: NodeProgram['env'] = {}): P {
  return {
    ...program,
    execArgv: ['--require', INIT, ...(program.execArgv ?? [])],
    env: { ...program.env, DD_SERVICE: 'shop', DD_TRACE_AGENT_URL: agentUrl, ...env },
  }
}

/** What `dd` says, and what the program does. */
export interface Outcome extends Pick<Finished, 'code' | 'signal' | 'stdout' | 'stderr'> {
  readonly said: string[]
  readonly durationMs: number
}

export function outcomeOf({ code, signal, stdout, stderr, durationMs }: Finished): Outcome {
  const lines = stderr.split('\n')
  const said = lines.filter((line) => /^dd( debug)?: /.test(line))
  const own = lines.filter((line) => !said.includes(line) && !isFrameOfDd(line)).join('\n')
  // The folder of a program is another one in each run.
  return { code, signal, stdout, stderr: own.replace(/program-\w+/g, 'program'), said, durationMs }
}

/** A line of a stack that would not be there without `dd`: its own, or Node's for AsyncLocalStorage. */
function isFrameOfDd(line: string): boolean {
  return (
    line.startsWith('    at ') && (line.includes(`(${built}`) || /AsyncLocalStorage\.run|callbackTrampoline/.test(line))
  )
}

/**
 * Runs the program without and with `dd`, and fails if they differ in more than what `dd` says; returns how it went with `dd`, and
 * how long it took without, for limits that hold on a busy machine too.
 * @param visible what of stderr is compared: all of it
 */
export async function runBoth(
  program: Parameters<typeof runNode>[0],
  agentUrl: string,
  { env, visible = (stderr) => stderr }: { env?: NodeProgram['env']; visible?: (stderr: string) => string } = {},
): Promise<Outcome & { plainMs: number }> {
  const runs = await Promise.all([runNode(program), runNode(traced(program, agentUrl, env))])
  const [without, outcome] = runs.map(outcomeOf) as [Outcome, Outcome]
  const seen = ({ code, signal, stdout, stderr }: Outcome) => ({ code, signal, stdout, stderr: visible(stderr) })
  assert.deepEqual(seen(outcome), seen(without))
  return { ...outcome, plainMs: without.durationMs }
}

/** A program that serves one request, its own; its parts are source text. */
export function oneRequest({
  before = '',
  handler = "response.end('hello')",
  after = 'server.close()',
}: {
  before?: string
  handler?: string
  /** When the answer is complete. */
  after?: string
} = {}): string {
  return `
const http = require('node:http')
${before}
const server = http.createServer(async (request, response) => {
  ${handler}
}).listen(0, '127.0.0.1', () => {
  const { port } = server.address()
  http.get({ port, host: '127.0.0.1', path: '/hello', agent: false }, (response) => {
    response.on('data', (data) => console.log('got', String(data))).on('end', () => {
      ${after}
    })
  }).on('error', (error) => { console.log('failed with', error.code); server.close() })
})
`
}
