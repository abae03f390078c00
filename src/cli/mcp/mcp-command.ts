// `dog mcp`: a server of the Model Context Protocol on stdin and stdout, a message on each line. stdout is the protocol's alone.
//
// It holds nothing: each question goes to the local agent over HTTP, so agents and this server may come and go.

import { parseArgs } from 'node:util'
import { OWN_VERSION } from '../../base/own-version'
import { AgentClient, readAgentUrl } from '../agent-client'
import { LineSplitter } from '../line-splitter'
import { printHelp } from '../print-help'
import { McpProtocol, type Reply } from './protocol'

/** The longest message that a tool needs is a query of 4,000 characters. One that is cut is no JSON any more, and answered so. */
const MAX_MESSAGE_BYTES = 1024 * 1024

const OPTIONS = {
  url: { type: 'string' },
  port: { type: 'string' },
  help: { type: 'boolean', short: 'h', default: false },
} as const

export async function mcpCommand(args: string[]): Promise<number> {
  const { values } = parseArgs({ args, options: OPTIONS })
  if (values.help) return printHelp('mcp')
  const protocol = new McpProtocol(new AgentClient(readAgentUrl(values.url, values.port)), OWN_VERSION)
  if (process.stdin.isTTY) {
    process.stderr.write('dog: this is for a coding assistant, which starts it and talks to it. See: dog mcp --help\n')
  }

  const underWay = new Set<Promise<void>>()
  const lines = new LineSplitter(MAX_MESSAGE_BYTES, (line) => {
    if (line.trim() === '') return
    const answered = protocol.answer(line).then(write)
    underWay.add(answered)
    void answered.finally(() => underWay.delete(answered))
  })
  await new Promise<void>((resolve) => {
    process.stdin.on('data', (chunk: Buffer) => lines.push(chunk))
    for (const event of ['end', 'close', 'error'] as const) process.stdin.once(event, resolve)
    // The client has gone.
    process.stdout.once('error', resolve)
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, resolve)
  })
  lines.end()
  await Promise.all(underWay)
  process.stdin.destroy()
  return 0
}

function write(reply: Reply | Reply[] | undefined): void {
  if (reply !== undefined) process.stdout.write(`${JSON.stringify(reply)}\n`)
}
