// `dog help`: what the commands do, with the lines that most people come for; and the help of one of them, which `dog <command> --help`
// prints. Both go to stdout, because it is what was asked for.

import { COMMAND_HELP } from './command-help'

const OVERVIEW = `dog, the command of dd

  dog run [--open] -- <command>         run a program with tracing: print its traces, keep its logs, serve the page
      dog run -- node app.js
      dog run -- npm start
  dog agent [--port <n>]                collect traces, metrics and logs of any program and show them in the browser
  dog tail [<query>]                    print traces of a running local agent as they come
      dog tail 'service:web duration:>100ms' --json
  dog mcp                               let a coding assistant ask a running local agent
  dog doctor [--json] [-- <command>]    say what is traced, what is not and why
      dog doctor --for 10 -- node server.js
  dog api <method> [argument…]          call Datadog's API; dog api --help lists its methods
      dog api hostTags web-1
  dog help                              this text
  dog --version

More about one of them: dog help <command>
`

export function printOverview(): number {
  process.stdout.write(OVERVIEW)
  return 0
}

export function printHelp(command: keyof typeof COMMAND_HELP): number {
  process.stdout.write(COMMAND_HELP[command])
  return 0
}
