// `dog help`: what the other commands do, with the two lines that most people come for.
//
// One text for all of them: with so few options, a help of its own for each command would be mostly frame. It goes to
// stdout, because it is what was asked for.

const HELP = `dog, the command of dd

  dog run [--port <n>] -- <command>     run a program with tracing and print its traces
      dog run -- node app.js
      dog run -- npm start
  dog agent [--port <n>] [--host <h>]   collect traces of any program and show them in the browser
            [--dogstatsd-port <n>]      and its metrics, on UDP port 8125; 0 for none
            [--dogstatsd-socket <path>] on a Unix stream socket too
  dog doctor [--json] [-- <command>]    say what is traced, what is not and why
      dog doctor --for 10 -- node server.js
  dog api <method> [argument…]          call Datadog's API; dog api --help lists its methods
      dog api hostTags web-1
  dog help                              this text
  dog --version

Without --port, dog run takes 8126 or any free port, and dog agent takes 8126, where tracers look for an Agent.
`

export function helpCommand(): number {
  process.stdout.write(HELP)
  return 0
}
