// The measured program of context-switch: runs, binds, awaits and hops with an active span, and reports nanoseconds of CPU per step.

const DEPTH = 10
const AT_A_TIME = 100

/** What each peer calls the same: `run(span, fn)`, `bind(fn)` for the active span, `active()`. */
const peers = {
  bare() {
    const span = {}
    return { span, run: (_span, fn) => fn(), bind: (fn) => fn, active: () => span }
  },
  dd() {
    const { tracer } = require(`${process.env.BENCH_DD}/src/index.js`)
    return datadog(tracer.init())
  },
  'dd-trace': () => datadog(require('dd-trace').init({ plugins: false })),
  opentelemetry() {
    const { node } = require('@opentelemetry/sdk-node')
    const { context, trace } = require('@opentelemetry/api')
    new node.NodeTracerProvider().register()
    return {
      span: trace.getTracer('bench').startSpan('bench.request'),
      run: (span, fn) => context.with(trace.setSpan(context.active(), span), fn),
      bind: (fn) => context.bind(context.active(), fn),
      active: () => trace.getActiveSpan(),
    }
  },
  elastic() {
    const agent = require('elastic-apm-node').start({ instrument: true })
    const span = agent.startTransaction('bench.request')
    const { _instrumentation: instrumentation } = agent
    // It has no public way to run or bind; its own plugins do it so.
    return {
      span,
      run: (transaction, fn) =>
        instrumentation.withRunContext(instrumentation.currRunContext().enterTrans(transaction), fn),
      bind: (fn) => instrumentation.bindFunction(fn),
      active: () => agent.currentTransaction,
    }
  },
}

const datadog = (tracer) => {
  const scope = tracer.scope()
  return {
    span: tracer.startSpan('bench.request'),
    run: (span, fn) => scope.activate(span, fn),
    bind: (fn) => scope.bind(fn),
    active: () => scope.active(),
  }
}

const { span, run, bind, active } = peers[process.argv[2]]()

function check() {
  if (active() !== span) throw new Error('the active span was lost')
}

async function dive(depth) {
  await undefined
  check()
  return depth === 1 ? depth : dive(depth - 1)
}

const hop = () =>
  new Promise((resolve) => {
    setImmediate(() => {
      check()
      resolve()
    })
  })

/** How many steps a turn has, how many turns are made, and what a turn does. */
const steps = {
  run: {
    turns: 2_000_000,
    perTurn: 1,
    turn: () => run(span, check),
  },
  'bind and call': {
    turns: 200_000,
    perTurn: 1,
    turn: () => bind(check)(),
  },
  await: { turns: 50_000, perTurn: DEPTH, turn: () => dive(DEPTH), isAsync: true },
  setImmediate: {
    turns: 3000,
    perTurn: AT_A_TIME,
    turn: () => Promise.all(Array.from({ length: AT_A_TIME }, hop)),
    isAsync: true,
  },
}

async function repeat({ turn, isAsync = false }, turns) {
  if (isAsync) for (let i = 0; i < turns; i++) await turn()
  else for (let i = 0; i < turns; i++) turn()
}

async function main() {
  const nanos = {}
  for (const [name, step] of Object.entries(steps)) {
    await repeat(step, step.turns / 4)
    const before = process.cpuUsage()
    await repeat(step, step.turns)
    const { user, system } = process.cpuUsage(before)
    nanos[name] = ((user + system) * 1000) / (step.turns * step.perTurn)
  }
  process.send(nanos)
}

process.on('disconnect', () => process.exit())
run(span, () => main())
