// The command as a user runs it: a process of its own, with real signals, ports and exit codes. The programs it runs
// deliver their payloads by hand, so that this is a test of `dog` alone; tracing itself is off in them.

import assert from 'node:assert/strict'
import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer as createHttpServer } from 'node:http'
import { type AddressInfo, createServer, type Server } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { startLocalAgent } from '../../src/local-agent/start-local-agent'
import { send } from '../local-agent/send'
import { jsonSpan } from '../local-agent/wire-span'
import { freePort } from '../support/free-port'
import { repoRoot } from '../support/repo-root'
import { Dog, dog, REGISTER } from './dog-process'

async function takenPort(port = 0): Promise<Server> {
  const server = createServer().listen(port, '127.0.0.1')
  await once(server, 'listening')
  return server
}

/** Takes the usual port; undefined where somebody else keeps it, which is as good. The same test on another Node soon gives it back. */
async function usualPortTaken(): Promise<Server | undefined> {
  for (let attempt = 0; attempt < 50; attempt++) {
    try {
      return await takenPort(8126)
    } catch {
      await wait(200)
    }
  }
  return undefined
}

describe('dog', () => {
  let folder: string
  before(() => {
    folder = mkdtempSync(join(tmpdir(), 'dog-'))
  })
  after(() => rmSync(folder, { recursive: true }))

  /** Writes a program and gives its path. */
  const program = (source: string) => {
    const file = join(folder, 'program.js')
    writeFileSync(file, source)
    return file
  }

  describe('run', () => {
    const delivering = (then = '') => `
      fetch(process.env.DD_TRACE_AGENT_URL + '/v0.4/traces', {
        method: 'PUT',
        headers: { 'content-type': 'application/json' },
        body: ${JSON.stringify(`[[${jsonSpan()}, ${jsonSpan({ span_id: 2n, parent_id: 1n, name: 'pg.query', resource: 'SELECT 1' })}]]`)},
      }).then((response) => response.text()).then((reply) => { process.stdout.write(reply); ${then} })`

    it('prints the traces of the program on stderr, and its output untouched', async () => {
      const { code, stdout, stderr } = await dog(['run', '--', process.execPath, program(delivering())])
      assert.equal(code, 0)
      assert.equal(stdout, '{"rate_by_service":{"service:,env:":1}}')
      assert.match(
        stderr,
        /^dog: traces appear here and on (http:\/\/127\.0\.0\.1:\d+)\n\n── GET \/ · 1\.00 ms · 2 spans ─+\n/,
      )
      assert.match(stderr, /\nweb\.request {2}GET \/ +━+ +1\.00 ms\n└─ pg\.query {2}SELECT 1 +━+ +1\.00 ms\n■ web /)
      assert.match(
        stderr,
        /■ web (http:\/\/127\.0\.0\.1:\d+)\/#\/trace\/0{31}1\ndog: the program has ended after 1 trace; \1 ended with it, which --stay would keep\n$/,
      )
    })

    it('prints a trace while the program still runs', async () => {
      const running = new Dog(['run', '--', process.execPath, program(delivering('setInterval(() => {}, 1000)'))])
      const [, url] = await running.prints(/(http:\S+)\/#\/trace\/0{31}1/)
      assert.equal((await send(`${url}/api/traces/1`)).status, 200)
      running.process.kill('SIGTERM')
      assert.equal((await running.ended).signal, 'SIGTERM')
    })

    const environment = 'const { NODE_OPTIONS, DD_TRACE_AGENT_URL, DD_TRACE_FLUSH_INTERVAL } = process.env'
    const showEnvironment = `${environment}
      console.log(JSON.stringify({ NODE_OPTIONS, DD_TRACE_AGENT_URL, DD_TRACE_FLUSH_INTERVAL, args: process.argv.slice(2) }))`

    it('switches tracing on through the environment, and adds to what is there', async () => {
      const args = ['run', '--', process.execPath, program(showEnvironment), '--port', '1', '--', '-x']
      const { stdout, stderr } = await dog(args, { env: { NODE_OPTIONS: '--no-warnings' } })
      const shown = JSON.parse(stdout)
      assert.equal(shown.NODE_OPTIONS, `--no-warnings --require ${/\s/.test(REGISTER) ? `"${REGISTER}"` : REGISTER}`)
      assert.ok(stderr.includes(shown.DD_TRACE_AGENT_URL))
      assert.equal(shown.DD_TRACE_FLUSH_INTERVAL, '200')
      assert.deepEqual(shown.args, ['--port', '1', '--', '-x'])
    })

    it('lets the user set the flush interval, and leave out the dashes', async () => {
      const args = ['run', '--port=0', process.execPath, program(showEnvironment), '--port', '1']
      const { stdout } = await dog(args, { env: { DD_TRACE_FLUSH_INTERVAL: '7' } })
      assert.equal(JSON.parse(stdout).DD_TRACE_FLUSH_INTERVAL, '7')
      assert.deepEqual(JSON.parse(stdout).args, ['--port', '1'])
    })

    it('ends with the exit code of the program', async () => {
      for (const exitCode of [0, 3, 255]) {
        assert.equal((await dog(['run', '--', process.execPath, '-e', `process.exit(${exitCode})`])).code, exitCode)
      }
    })

    it('dies of the signal that the program died of', async () => {
      for (const signal of ['SIGKILL', 'SIGTERM', 'SIGINT'] as const) {
        const ended = await dog([
          'run',
          '--',
          process.execPath,
          '-e',
          `process.kill(process.pid, '${signal}'); setInterval(() => {}, 1000)`,
        ])
        assert.equal(ended.signal, signal)
      }
    })

    for (const signal of ['SIGINT', 'SIGTERM'] as const) {
      it(`passes ${signal} on, and takes what the program makes of it`, async () => {
        const source = `process.on('${signal}', () => process.exit(7)); setInterval(() => {}, 1000); console.log('ready')`
        const running = new Dog(['run', '--', process.execPath, program(source)])
        await running.prints(/ready/)
        running.process.kill(signal)
        assert.equal((await running.ended).code, 7)
      })
    }

    it('takes another port if the usual one is taken', async () => {
      const server = await usualPortTaken()
      const { code, stderr } = await dog(['run', '--', process.execPath, '-e', ''])
      server?.close()
      assert.equal(code, 0)
      assert.doesNotMatch(stderr, /:8126/)
    })

    it('insists on a port that was asked for', async () => {
      const server = await takenPort()
      const { port } = server.address() as AddressInfo
      const { code, stderr } = await dog(['run', '--port', String(port), '--', process.execPath, '-e', ''])
      server.close()
      assert.equal(code, 1)
      assert.match(
        stderr,
        new RegExp(`^dog: port ${port} is taken by process ${process.pid}: .*dog run --port ${port + 1}\n$`),
      )
    })

    it('says that there is no program to run, or no such program', async () => {
      for (const args of [['run'], ['run', '--'], ['run', '--port', '0']]) {
        const { code, stderr } = await dog(args)
        assert.equal(code, 2)
        assert.match(stderr, /^dog: which program\? For example: dog run -- node app\.js\n$/)
      }
      const { code, stderr } = await dog(['run', '--', 'no-such-program-here'])
      assert.equal(code, 127)
      assert.match(stderr, /\ndog: cannot run no-such-program-here: there is no such command\n$/)
      for (const file of [folder, '', 'x'.repeat(300)]) assert.equal((await dog(['run', '--', file])).code, 127)
    })
  })

  describe('agent', () => {
    it('serves until it is told to stop', async () => {
      for (const signal of ['SIGINT', 'SIGTERM'] as const) {
        const running = new Dog(['agent', '--port', '0', '--dogstatsd-port', '0'])
        const [, url] = await running.prints(/shown on (http:\S+)\n(?:.*\n)*.*ends it/)
        const live = send(`${url}/api/live`).catch(() => 'cut off')
        const { version } = JSON.parse((await send(`${url}/info`)).text)
        assert.equal(version, JSON.parse(readFileSync(join(repoRoot, 'package.json'), 'utf8')).version)
        running.process.kill(signal)
        const { code, stdout } = await running.ended
        assert.equal(code, 0)
        assert.ok(stdout.includes(`DD_TRACE_AGENT_URL=${url} node --require dd/init app.js`))
        assert.equal(await live, 'cut off')
      }
    })

    it('says which port is taken, and how to take another', async () => {
      const server = await takenPort()
      const { port } = server.address() as AddressInfo
      const { code, stdout, stderr } = await dog(['agent', '--port', String(port)])
      server.close()
      assert.equal(code, 1)
      assert.equal(stdout, '')
      assert.match(
        stderr,
        new RegExp(`^dog: port ${port} is taken by process ${process.pid}: .*dog agent --port ${port + 1}\n$`),
      )
    })

    it('knows other agents by what they say of themselves', async () => {
      const other = await startLocalAgent({ port: 0, version: '1.2.3' })
      const own = await dog(['agent', '--port', String(other.port)])
      await other.close()
      assert.match(
        own.stderr,
        new RegExp(
          `^dog: port ${other.port} is taken by a local agent of dd 1\\.2\\.3, since \\d\\d:\\d\\d \\(process ${process.pid}\\)\\. ` +
            `It takes traces and shows them on ${other.url}\\. Try another one: dog agent --port ${other.port + 1}\n$`,
        ),
      )
      const datadog = createHttpServer((_request, response) =>
        response.end(JSON.stringify({ version: '7.52.0\u001b[31m', endpoints: ['/v0.4/traces'] })),
      ).listen(0, '127.0.0.1')
      await once(datadog, 'listening')
      const { port } = datadog.address() as AddressInfo
      const { stderr } = await dog(['agent', '--port', String(port)])
      datadog.close()
      const by = `by a Datadog Agent 7\\.52\\.0 \\[31m \\(process ${process.pid}\\)\\. Try another one`
      assert.match(stderr, new RegExp(`^dog: port ${port} is taken ${by}`))
    })

    it('says who has the Unix socket', async () => {
      const path = join(folder, 'taken.socket')
      const server = createServer().listen(path)
      await once(server, 'listening')
      const running = new Dog(['agent', '--port', '0', '--dogstatsd-port', '0', '--dogstatsd-socket', path])
      await running.prints(/ends it/)
      const { stdout } = await running.stop()
      server.close()
      assert.match(
        stdout,
        new RegExp(`\\n${path} is taken by process ${process.pid}: .*\\. No metrics come there\\.\\n`),
      )
    })

    it('collects metrics where it is told to, and says how to send them there', async () => {
      const port = await freePort()
      const socket = join(folder, 'metrics.socket')
      const running = new Dog(['agent', '--port', '0', `--dogstatsd-port=${port}`, '--dogstatsd-socket', socket])
      const [, url] = await running.prints(/shown on (http:\S+)\n(?:.*\n)*.*ends it/)
      assert.ok(running.stdout.includes(`Metrics are collected on UDP port ${port} and unixstream://${socket}\n`))
      assert.ok(running.stdout.includes(` DD_DOGSTATSD_PORT=${port} node --require dd/init app.js\n`))
      const udp = createSocket('udp4')
      udp.send('page.views:1|c', port, '127.0.0.1')
      let received = 0
      while (received === 0) received = JSON.parse((await send(`${url}/api/metrics`)).text).counters.received
      udp.close()
      assert.equal(received, 1)
      running.process.kill('SIGTERM')
      assert.equal((await running.ended).code, 0)
      assert.ok(!existsSync(socket))
    })

    it('goes on without metrics where their port is taken, and says so', async () => {
      const taken = createSocket('udp4').bind(0, '127.0.0.1')
      await once(taken, 'listening')
      const { port } = taken.address()
      const running = new Dog(['agent', '--port', '0', '--dogstatsd-port', String(port)])
      await running.prints(/ends it/)
      taken.close()
      running.process.kill('SIGTERM')
      const { code, stdout } = await running.ended
      assert.equal(code, 0)
      assert.match(
        stdout,
        new RegExp(
          `\\nUDP port ${port} is taken by process ${process.pid}: .*\\. No metrics come there\\. Another one: dog agent --dogstatsd-port ${port + 1}\\n`,
        ),
      )
      assert.doesNotMatch(stdout, /Metrics are collected|DD_DOGSTATSD_PORT/)
    })

    it('collects no metrics if it is told not to', async () => {
      const running = new Dog(['agent', '--port', '0', '--dogstatsd-port', '0'])
      await running.prints(/ends it/)
      running.process.kill('SIGTERM')
      assert.doesNotMatch((await running.ended).stdout, /etrics/)
    })

    it('does not listen for other machines', async () => {
      const { code, stderr } = await dog(['agent', '--port', '0', '--host', '0.0.0.0'])
      assert.equal(code, 1)
      assert.match(stderr, /^dog: cannot listen on 0\.0\.0\.0:0: .*this machine only/)
    })
  })

  it('explains itself', async () => {
    for (const args of [[], ['help'], ['--help'], ['-h'], ['help', 'help']]) {
      const { code, stdout } = await dog(args)
      assert.equal(code, 0)
      for (const command of ['run', 'agent', 'tail', 'mcp', 'doctor'])
        assert.match(stdout, new RegExp(`  dog ${command} `))
    }
    for (const command of ['run', 'agent', 'tail', 'mcp', 'doctor']) {
      const { code, stdout } = await dog([command, '--help'])
      assert.equal(code, 0)
      assert.match(stdout, new RegExp(`^dog ${command} `))
      assert.match(stdout, /\n {2}-h, --help\n/)
      assert.ok(stdout.split('\n').every((line) => line.length <= 120))
      for (const args of [
        ['help', command],
        [command, '-h'],
      ])
        assert.equal((await dog(args)).stdout, stdout)
    }
    const ofMethod = await dog(['api', 'event', '--help'])
    assert.deepEqual(await dog(['help', 'api', 'event']), ofMethod)
    assert.match(ofMethod.stdout, /^dog api event /)
    const { code, stdout } = await dog(['--version'])
    assert.equal(code, 0)
    assert.match(stdout, /^dd \d+\.\d+\.\d+, Node\.js v\d+/)
  })

  it('says what is wrong with a command line', async () => {
    const wrong: [string[], RegExp][] = [
      [['walk'], /no command walk\. See: dog help\n/],
      [['docter'], /no command docter\. Is it doctor\? See: dog help\n/],
      [['help', 'nothing'], /no command nothing/],
      [['agent', '--prot', '1'], /--prot/],
      [['agent', 'extra'], /extra/],
      [['run', '--prot', '--', 'node'], /--prot/],
      [['agent', '--port', 'x'], /from 0 to 65535, not x/],
      [['agent', '--dogstatsd-port', '65536'], /--dogstatsd-port takes a number from 0 to 65535, not 65536/],
      [['run', '--port', '65536', '--', 'node'], /not 65536/],
    ]
    for (const [args, message] of wrong) {
      const { code, stdout, stderr } = await dog(args)
      assert.equal(code, 2, args.join(' '))
      assert.equal(stdout, '')
      assert.match(stderr, message)
      assert.match(stderr, /^dog: /)
    }
  })
})
