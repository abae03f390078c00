// Programs of several threads or processes: each ends as it would without `dd`, sends its own spans, and says in them which
// process it is.

import { strict as assert } from 'node:assert'
import { type FakeAgent, type ReceivedSpan, startAgent } from '../support/agent'
import { runNode } from '../support/spawn'
import { INDEX, INIT, outcomeOf, runBoth, traced } from './traced'

/** Answers itself one request; then `end` runs, with the server closed. */
const request = (path: string, end = '') => `
  const http = require('node:http')
  const server = http.createServer((request, response) => response.end('hello')).listen(0, '127.0.0.1', () => {
    http.get({ port: server.address().port, host: '127.0.0.1', path: '${path}', agent: false }, (response) => {
      response.resume().on('close', () => { server.close(); ${end} })
    })
  })`

describe('a traced program', () => {
  let agent: FakeAgent
  before(async () => {
    agent = await startAgent()
  })
  beforeEach(() => agent.clear())
  afterEach(() => assert.deepEqual(agent.violations, []))
  after(() => agent.close())
  const paths = () =>
    agent
      .spans()
      .filter(({ name }) => name === 'web.request')
      .map(({ meta }) => new URL(meta['http.url'] ?? '').pathname)
      .sort()
  const spansOf = (path: string) => agent.spans().filter(({ meta }) => (meta['http.url'] ?? '').endsWith(path))
  const processOf = ({ metrics, meta }: ReceivedSpan) => ({ pid: metrics['process_id'], runtime: meta['runtime-id'] })

  describe('with a worker thread', () => {
    /** The thread runs `body`; the parent tells how it went and ends with 2. */
    const withThread = (body: string, options = '', parent = '') => `
      const { Worker, isMainThread } = require('node:worker_threads')
      if (isMainThread) {
        process.on('exit', () => console.log('parent exits'))
        const worker = new Worker(__filename${options && `, ${options}`})
        worker.on('error', (error) => console.log('error', error.message))
        worker.on('message', (message) => { console.log('message', message); ${parent} })
        worker.on('exit', (code) => { console.log('exit', code); process.exitCode = 2 })
      } else {
        let done = 0
        process.on('beforeExit', () => done++)
        process.on('exit', (code) => console.log('thread exits', code, done, process.listenerCount('exit'), process.listenerCount('beforeExit')))
        ${body}
      }`
    const done = "require('node:worker_threads').parentPort.postMessage('done')"

    const ways: [name: string, code: string][] = [
      ['ends by itself', withThread(request('/thread'))],
      ['calls `process.exit`', withThread(request('/thread', 'process.exit(5)'))],
      ['throws', withThread(request('/thread', "setTimeout(() => { throw new TypeError('too bad') })"))],
      ['rejects', withThread(request('/thread', "setTimeout(() => Promise.reject(new TypeError('too bad')))"))],
      ['runs without output of its own', withThread(request('/thread'), '{ stdout: true, stderr: true }')],
      ['shares the environment', withThread(request('/thread'), "{ env: require('node:worker_threads').SHARE_ENV }")],
    ]
    for (const [name, code] of ways) {
      it(`that ${name} sends its spans`, async () => {
        const run = await runBoth({ code }, agent.url)
        assert.deepEqual([run.code, run.said], [2, []])
        assert.deepEqual(paths(), ['/thread'])
      })
    }

    it('tells the process, and that it is another runtime of it', async () => {
      // The thread ends when its parent has said so: which of the two writes first is otherwise a matter of chance.
      const body = `const { parentPort } = require('node:worker_threads'); parentPort.once('message', () => {}); ${request('/thread', done)}`
      const code = withThread(body, '', `worker.postMessage('end'); ${request('/main')}`)
      const run = await runBoth({ code }, agent.url)
      assert.deepEqual([run.code, run.said, paths()], [2, [], ['/main', '/thread']])
      const [main, thread] = ['/main', '/thread'].map((path) => processOf(spansOf(path)[0]!))
      assert.equal(main?.pid, thread?.pid)
      assert.notEqual(main?.runtime, thread?.runtime)
    })

    it('that starts without the flags is left alone', async () => {
      const loaded = `console.log('dd' in process.versions, Object.keys(require.cache).filter((file) => file.includes('start.js')).length); ${request('/thread')}`
      const run = await runBoth({ code: withThread(loaded, '{ execArgv: [] }') }, agent.url)
      assert.deepEqual([run.code, run.said, paths()], [2, [], []])
    })

    it('that is terminated ends at once', async () => {
      const run = await runBoth(
        { code: withThread(request('/thread', `${done}; setInterval(() => {}, 1000)`), '', 'void worker.terminate()') },
        agent.url,
      )
      assert.deepEqual([run.code, run.said], [2, []])
    })

    it('that still runs when the parent exits does not hold it up', async () => {
      const code = withThread(request('/thread', `${done}; setInterval(() => {}, 1000)`), '', 'process.exit(3)')
      const run = await runBoth({ code }, agent.url)
      assert.deepEqual([run.code, run.said], [3, []])
    })

    it('of a pool keeps each task in its trace', async () => {
      const code = `
        const { Worker, isMainThread, parentPort } = require('node:worker_threads')
        const { AsyncResource } = require('node:async_hooks')
        const { tracer } = require(${JSON.stringify(INDEX)})
        if (!isMainThread) {
          parentPort.on('message', (n) => tracer.trace('task', { resource: String(n) }, () => parentPort.postMessage(n)))
        } else {
          class Task extends AsyncResource { constructor(done) { super('Task'); this.done = done } end(n) { this.runInAsyncScope(this.done, null, n); this.emitDestroy() } }
          const waiting = new Map()
          const workers = [new Worker(__filename), new Worker(__filename)]
          for (const worker of workers) worker.on('message', (n) => waiting.get(n).end(n))
          let left = 20
          for (let n = 0; n < 20; n++) tracer.trace('call', { resource: String(n) }, (span, done) => {
            waiting.set(n, new Task(() => {
              if (tracer.activeSpan !== span) console.log('lost', n)
              done()
              if (--left === 0) for (const worker of workers) worker.unref()
            }))
            workers[n % 2].postMessage(n)
          })
        }`
      const run = outcomeOf(await runNode(traced({ code }, agent.url)))
      assert.deepEqual([run.code, run.stdout, run.said], [0, '', []])
      const calls = agent.spans().filter(({ name }) => name === 'call')
      assert.equal(calls.length, 20)
      assert.equal(new Set(calls.map(({ trace_id: id }) => String(id))).size, 20)
    })
  })

  describe('with a child process', () => {
    const family = (start: string, child: string, parent = '') => `
      if (process.argv[2] === 'child') { ${child} } else {
        ${request(
          '/parent',
          `
          const child = ${start}
          child.on('message', (message) => { console.log('message', message); ${parent} })
          child.on('exit', (code, signal) => console.log('child', code, signal))`,
        )}
      }`
    const fork = "require('node:child_process').fork(__filename, ['child'])"
    const ready = "process.send('ready')"

    const ways: [name: string, code: string][] = [
      ['ends by itself', family(fork, request('/child'))],
      ['calls `process.exit`', family(fork, request('/child', 'process.exit(5)'))],
      [
        'throws',
        family(
          "require('node:child_process').fork(__filename, ['child'], { silent: true })",
          request('/child', "setTimeout(() => { throw new Error('too bad') })"),
        ),
      ],
      [
        'is killed by its parent',
        family(fork, request('/child', `${ready}; setInterval(() => {}, 1000)`), 'child.kill()'),
      ],
      [
        'ends when its parent disconnects',
        family(fork, `${request('/child', ready)}; process.on('message', () => {})`, 'child.disconnect()'),
      ],
      [
        'counts its listeners',
        family(
          fork,
          request(
            '/child',
            "process.send(['SIGTERM', 'SIGINT', 'SIGHUP', 'exit', 'beforeExit'].map((event) => process.listenerCount(event)))",
          ),
        ),
      ],
      [
        'is spawned',
        family(
          "require('node:child_process').spawn(process.execPath, [...process.execArgv, __filename, 'child'])",
          request('/child'),
        ),
      ],
    ]
    for (const [name, code] of ways) {
      it(`that ${name} sends its spans`, async () => {
        const run = await runBoth({ code }, agent.url)
        assert.deepEqual([run.code, run.said], [0, []])
        assert.deepEqual(paths(), ['/child', '/parent'])
        const [parent, child] = ['/parent', '/child'].map((path) => spansOf(path)[0]!)
        assert.notEqual(processOf(parent!).pid, processOf(child!).pid)
        assert.notEqual(processOf(parent!).runtime, processOf(child!).runtime)
        assert.notEqual(String(parent!.trace_id), String(child!.trace_id))
      })
    }

    it('that gets NODE_OPTIONS sends its spans', async () => {
      const code = family("require('node:child_process').spawn('node', [__filename, 'child'])", request('/child'))
      const plain = outcomeOf(await runNode({ code }))
      const env = { DD_SERVICE: 'shop', DD_TRACE_AGENT_URL: agent.url }
      const run = outcomeOf(await runNode({ code, env, nodeOptions: `--require ${INIT}` }))
      assert.deepEqual([run.code, run.stdout, run.said], [0, plain.stdout, []])
      assert.deepEqual(paths(), ['/child', '/parent'])
    })
  })

  describe('with a cluster', () => {
    const cluster = (end: string, each = "send('end')") => `
      const cluster = require('node:cluster')
      const http = require('node:http')
      if (cluster.isPrimary) {
        let left = 2
        for (let n = 0; n < 2; n++) {
          const worker = cluster.fork({ NAME: String(n) })
          worker.on('message', () => {
            if (--left > 0) return
            for (const other of Object.values(cluster.workers)) other.${each}
          })
        }
        const ends = []
        cluster.on('exit', (worker, code, signal) => {
          ends.push(code + ' ' + signal + ' ' + worker.exitedAfterDisconnect)
          if (ends.length === 2) console.log(ends.sort().join(', '))
        })
      } else {
        const server = http.createServer((request, response) => response.end('hello')).listen(0, '127.0.0.1', () => {
          http.get({ port: server.address().port, host: '127.0.0.1', path: '/' + process.env.NAME, agent: false }, (response) => {
            response.resume().on('close', () => process.send('served'))
          })
        })
        process.on('message', () => { ${end} })
      }`
    const ways: [name: string, code: string][] = [
      ['exit', cluster('process.exit(3)')],
      ['throw', cluster("process.stderr.write = () => true; throw new Error('too bad')")],
      ['disconnect', cluster('cluster.worker.disconnect()')],
      ['are killed', cluster('', 'kill()')],
      ['get a signal', cluster('', "process.kill('SIGTERM')")],
    ]
    for (const [name, code] of ways) {
      it(`whose workers ${name} sends the spans of each`, async () => {
        const run = await runBoth({ code }, agent.url, { visible: (stderr) => stderr.replace(/[\s\S]*/, '') })
        assert.deepEqual([run.code, run.said], [0, []])
        const served = agent.spans().filter(({ name }) => name === 'http.request')
        assert.equal(served.length, 2)
        assert.equal(new Set(served.map((span) => processOf(span).pid)).size, 2)
        assert.equal(new Set(served.map((span) => processOf(span).runtime)).size, 2)
      })
    }
  })

  it('keeps its context through another context of `vm`', async () => {
    const code = `
      const vm = require('node:vm')
      const { tracer } = require(${JSON.stringify(INDEX)})
      const context = vm.createContext({ tracer, setTimeout, console })
      tracer.trace('outer', async () => {
        await vm.runInContext(\`(async () => {
          await new Promise((resolve) => setTimeout(resolve, 1))
          await tracer.trace('inner', async () => { await null; if (tracer.activeSpan?.name !== 'inner') console.log('lost') })
          if (tracer.activeSpan?.name !== 'outer') console.log('lost')
        })()\`, context)
      })`
    const run = outcomeOf(await runNode(traced({ code }, agent.url)))
    assert.deepEqual([run.code, run.stdout, run.said], [0, '', []])
    const [outer, inner] = ['outer', 'inner'].map((wanted) => agent.spans().find(({ name }) => name === wanted))
    assert.equal(String(inner?.parent_id), String(outer?.span_id))
  })
})
