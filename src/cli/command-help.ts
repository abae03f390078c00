// What `dog <command> --help` prints: each option, and the lines that one would type.

const RUN = `dog run [options] [--] <command> [argument…]

Runs a program with tracing on. Its traces are printed as trees on stderr, and shown with its metrics and its output on
a page while it runs. The exit code is the program's.

  --port <n>    for the page and the traces; without it 8126, or any free one if that is taken
  --open        open the page in the browser (the one in BROWSER, if that is set)
  --stay        keep the page when the program has ended, until Ctrl+C
  --no-logs     leave the program's output alone, for one that wants a terminal (prompts, editors, REPLs). Without it
                it writes to pipes, which are passed on and kept as logs; FORCE_COLOR tells it of the terminal
  -h, --help

Every Node.js process below it gets NODE_OPTIONS=--require dd/register, all traces are kept (DD_TRACE_SAMPLE_RATE,
DD_TRACE_RATE_LIMIT), and metrics of the process are on (DD_RUNTIME_METRICS_ENABLED), unless you set these yourself.

  dog run -- node app.js
  dog run --open -- npm start
`

const AGENT = `dog agent [options]

Collects traces, metrics and logs of any program with a Datadog tracer or OpenTelemetry, and shows them in the browser,
until Ctrl+C. It takes the Agent's ports, so that programs need no setting.

  --port <n>                  for traces and the page; 8126
  --host <h>                  an address of this machine: 127.0.0.1, or ::1
  --dogstatsd-port <n>        UDP port for metrics; 8125, 0 for none
  --dogstatsd-socket <path>   a Unix stream socket for metrics too
  --otlp-port <n>             for OpenTelemetry's exporters (OTLP over HTTP); 4318, 0 for none: --port takes OTLP too
  --store <file>              keep runs in this file and show earlier ones; needs Node 22.13
  --store-runs <n>            so many of them; 10
  --store-mb <n>              and so many megabytes; 512
  --open                      open the page in the browser (the one in BROWSER, if that is set)
  -h, --help

  dog agent --open
  dog agent --port 8127       # where a Datadog Agent has 8126
`

const TAIL = `dog tail [options] [<query>]

Prints what a running local agent (dog agent, or dog run) gets, as it comes, until Ctrl+C. It waits for an agent that is
not there yet, and goes on when one comes back.

  --url <url>    where the agent is; http://localhost:8126
  --port <n>     the same on this machine, by its port
  --last <n>     begin with so many that are there already; 10
  --limit <n>    end after so many lines or trees
  --tree         whole traces, as dog run prints them
  --logs         log lines too          --no-traces   without traces
  --metrics      metrics too, a line for each series and ten seconds
  --json         JSON lines: { "kind": "trace" | "log" | "metric", … }; with --tree a trace has its spans
  -h, --help

The query is Datadog's: service:web @http.status_code:>=500 duration:>100ms -resource_name:*health*

  dog tail status:error
  dog tail 'duration:>1s' --json | jq .title
  dog tail --logs --no-traces error
`

const MCP = `dog mcp [options]

A server of the Model Context Protocol on stdin and stdout: a coding assistant starts it, and asks by it for services,
traces, errors, metrics and logs of a running local agent (dog agent, or dog run).

  --url <url>    where the agent is; http://localhost:8126
  --port <n>     the same on this machine, by its port
  -h, --help

In an assistant's settings:

  { "mcpServers": { "dd": { "command": "npx", "args": ["dog", "mcp"] } } }
`

const DOCTOR = `dog doctor [options] [--] [<command> [argument…]]

Says what is wrong with the settings and whether the Agent answers; with a command also what of the program is traced,
what is not and why, and what became of its traces. The exit code is 1 where something is wrong.

  --for <s>     stop a program that does not end by itself, such as a server, after so many seconds
  --json        all of it as JSON
  -h, --help

  dog doctor
  dog doctor -- node app.js
  dog doctor --for 10 -- npm start
`

/** `dog api` makes its own out of its methods. */
export const COMMAND_HELP = { run: RUN, agent: AGENT, tail: TAIL, mcp: MCP, doctor: DOCTOR }
