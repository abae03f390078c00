// `dog api` as a user calls it: a process of its own against a real server on loopback. What is sent, what is printed, and how it ends.

import { strict as assert } from 'node:assert'
import { spawn } from 'node:child_process'
import { createServer, type IncomingHttpHeaders, type Server } from 'node:http'
import { text as textOf } from 'node:stream/consumers'
import { inflateSync } from 'node:zlib'
import { METHODS, type MethodName } from '../../src/api/api-methods'
import { cleanEnv } from '../support/clean-env'
import { holdRefusingPort, listen, shut } from '../support/loopback'
import { SHELL_CALLS } from './api-calls'
import { DOG } from './dog-process'

const KEYS = { DD_API_KEY: 'a'.repeat(32), DD_APP_KEY: 'b'.repeat(40) }

interface Run {
  readonly code: number | null
  readonly stdout: string
  readonly stderr: string
}

interface Asked {
  readonly line: string
  readonly headers: IncomingHttpHeaders
  readonly body: string
}

type Answer = readonly [status: number, body: string, headers?: Record<string, string>]

describe('dog api', () => {
  const asked: Asked[] = []
  let answers: Answer[] = []
  let server: Server
  let url: string

  before(async () => {
    server = createServer((request, response) => {
      const parts: Buffer[] = []
      request.on('data', (part: Buffer) => parts.push(part))
      request.on('end', () => {
        const sent = Buffer.concat(parts)
        const body = String(request.headers['content-encoding'] === 'deflate' ? inflateSync(sent) : sent)
        asked.push({ line: `${request.method} ${request.url}`, headers: request.headers, body })
        const [status, answer, headers] = answers.shift() ?? [500, '{"errors":["nothing was expected"]}']
        response.writeHead(status, headers).end(answer)
      })
    })
    url = `http://127.0.0.1:${await listen(server)}`
  })
  after(() => shut(server))

  /** @param input of standard input */
  async function dog(args: readonly string[], env: Record<string, string> = {}, input?: string): Promise<Run> {
    asked.length = 0
    const child = spawn(process.execPath, [DOG, 'api', ...args], {
      env: cleanEnv({ ...KEYS, DATADOG_HOST: url, ...env }),
    })
    child.stdin.end(input)
    const [code, stdout, stderr] = await Promise.all([
      new Promise<number | null>((resolve) => child.on('close', resolve)),
      textOf(child.stdout),
      textOf(child.stderr),
    ])
    return { code, stdout, stderr }
  }

  const answering = (...bodies: unknown[]) => {
    answers = bodies.map((body) => [200, body === null ? '' : typeof body === 'string' ? body : JSON.stringify(body)])
  }

  for (const [method, { args, requests, answers: bodies, prints }] of Object.entries(SHELL_CALLS)) {
    it(`calls ${method}`, async () => {
      answering(...bodies)
      const { code, stdout, stderr } = await dog([method, ...args])
      assert.deepEqual([code, stderr], [0, ''])
      assert.deepEqual(
        asked.map(({ line }) => line),
        requests.map(([line]) => line),
      )
      for (const [at, [, body]] of requests.entries()) {
        const sent = asked[at]?.body ?? ''
        if (typeof body === 'object') assert.deepEqual(JSON.parse(sent), body)
        else assert.equal(sent, body ?? '')
      }
      for (const { headers } of asked) {
        assert.equal(headers['dd-api-key'], KEYS.DD_API_KEY)
        const isEnough = METHODS[method as MethodName].isIntake === true
        assert.equal(headers['dd-application-key'], isEnough ? undefined : KEYS.DD_APP_KEY)
      }
      assert.equal(stdout, typeof prints === 'string' ? prints : `${JSON.stringify(prints, undefined, 2)}\n`)
    })
  }

  describe('reads arguments', () => {
    const ids: [given: string, sent: string][] = [
      ['1234', '1234'],
      ['0123', '0123'],
      ['true', 'true'],
      ['null', 'null'],
      ['"web-1"', 'web-1'],
      ['"\\"quoted\\""', '%22quoted%22'],
      ['"open', '%22open'],
      ['6327818702635911562', '6327818702635911562'],
      ['[1]', '%5B1%5D'],
      ['-x', '-x'],
    ]
    for (const [given, sent] of ids) {
      it(`takes ${given} for a name`, async () => {
        answering({ tags: [] })
        assert.deepEqual(await dog(['hostTags', given]), { code: 0, stdout: '[]\n', stderr: '' })
        assert.equal(asked[0]?.line, `GET /api/v1/tags/hosts/${sent}`)
      })
    }

    it('takes a negative number for one', async () => {
      answering({ status: 'ok' })
      assert.equal((await dog(['metric', 'temperature', '-5', '{"host":"h"}'])).code, 0)
      assert.match(asked[0]?.body ?? '', /,-5\]\]/)
    })

    it('reads one of them from standard input, JSON and text', async () => {
      answering({ id: 'abc-def-ghi' })
      assert.equal((await dog(['createScreenboard', '-'], {}, '{"board_title": "Map",\n "widgets": []}\n')).code, 0)
      assert.equal(JSON.parse(asked[0]?.body ?? '').title, 'Map')
      answering({ event: { id: '1' } })
      assert.equal((await dog(['event', 'Deployed', '-'], {}, 'one\ntwo\n')).stdout, '1\n')
      assert.equal(JSON.parse(asked[0]?.body ?? '').text, 'one\ntwo')
    })
  })

  describe('takes options', () => {
    it('of the server and the whole answer', async () => {
      answering({ host: 'web-1', tags: ['a'] })
      const { stdout } = await dog(['--host', url, '--timeout=5', '--raw', 'hostTags', 'web-1'], { DATADOG_HOST: '' })
      assert.deepEqual(JSON.parse(stdout), { host: 'web-1', tags: ['a'] })
    })

    it('of the site, which goes before the host of the environment', async () => {
      const { code, stderr } = await dog(['--site', 'nowhere.invalid', 'hostTags', 'web-1'])
      assert.deepEqual([code, asked.length], [1, 0])
      assert.match(stderr, /^dog: api\.nowhere\.invalid: (ENOTFOUND|EAI_AGAIN)\n$/)
    })

    const wrong: [args: string[], said: RegExp][] = [
      [['--timeout', 'soon', 'validate'], /^dog: --timeout takes a number of seconds up to 3600, not soon\n$/],
      [['--host', 'ftp://x', 'validate'], /^dog: --host is a host or a URL/],
      [['--sight', 'x', 'validate'], /^dog: Unknown option '--sight'/],
      [['validate', '--raw'], /^dog: options come before the method: dog api --raw validate\n$/],
    ]
    for (const [args, said] of wrong) {
      it(`and refuses ${args.join(' ')}`, async () => {
        const { code, stdout, stderr } = await dog(args)
        assert.deepEqual([code, stdout, asked.length], [2, '', 0])
        assert.match(stderr, said)
      })
    }

    it('but the keys only from the environment', async () => {
      assert.match((await dog(['--api-key', 'x', 'validate'])).stderr, /Unknown option '--api-key'/)
      answering({ valid: true })
      const other = { DATADOG_API_KEY: 'c'.repeat(32) }
      assert.equal((await dog(['validate'], other)).code, 0)
      assert.equal(asked[0]?.headers['dd-api-key'], other.DATADOG_API_KEY)
    })
  })

  describe('tells of failures', () => {
    it('in the words of the API, with what may help', async () => {
      answers = [[403, '{"errors":["Forbidden"]}']]
      const { code, stdout, stderr } = await dog(['monitor', 'metric alert', 'q'])
      assert.deepEqual([code, stdout], [1, ''])
      const where = url.replace('http://', '')
      const advice = `Are the keys those of the site ${where}, and has their owner the permission monitors_write?`
      assert.equal(stderr, `dog: POST /api/v1/monitor was answered 403: Forbidden. ${advice}\n`)
    })

    it('in one line that leaves the terminal as it is', async () => {
      answers = [[400, JSON.stringify({ errors: ['one\ntwo \u001b[31mred\u202e'] })]]
      assert.equal(
        (await dog(['getMonitor', '1'])).stderr,
        'dog: GET /api/v1/monitor/1 was answered 400: one two [31mred\n',
      )
    })

    it('of the network', async () => {
      const { port, release } = await holdRefusingPort()
      const { code, stderr } = await dog(['event', 'a', 'b'], { DATADOG_HOST: `http://127.0.0.1:${port}` })
      await release()
      assert.deepEqual([code, stderr], [1, `dog: 127.0.0.1:${port}: ECONNREFUSED\n`])
    })

    it('after it has tried again as the API asks', async () => {
      answers = [
        [429, '', { 'X-RateLimit-Reset': '0' }],
        [200, '{"valid":true}'],
      ]
      assert.equal((await dog(['validate'])).code, 0)
      assert.equal(asked.length, 2)
    })

    const wrong: [args: string[], said: string][] = [
      [['host_tag'], 'there is no method host_tag. Is it hostTags? All of them: dog api --help'],
      [['constructor'], 'there is no method constructor. See: dog api --help'],
      [['with'], 'there is no method with. See: dog api --help'],
      [['hostTags'], 'hostId is missing\nusage: dog api hostTags hostId {source, bySource}'],
      [['event'], `title and text are missing\nusage: dog api event ${METHODS.event.usage}`],
      [['validate', 'x', 'y'], 'there is more than it takes: x y\nusage: dog api validate'],
      [['getEvent', ''], 'id is a text or a number that is not empty, not an empty one\nusage: dog api getEvent id'],
      [['allTags', 'chef'], 'the options are a JSON object, not chef\nusage: dog api allTags {source}'],
      [['allTags', '{"from":"chef"}'], 'there is no option from; there is source\nusage: dog api allTags {source}'],
      [
        ['serviceCheck', 'a', 'b', 'critical'],
        `status is 0 OK, 1 warning, 2 critical, 3 unknown, not critical\nusage: dog api serviceCheck ${METHODS.serviceCheck.usage}`,
      ],
      [
        ['stream', 'yesterday', '5'],
        `start is seconds since the epoch, or a date such as 2030-01-01T12:00:00Z, not yesterday\nusage: dog api stream ${METHODS.stream.usage}`,
      ],
      [
        ['comment', '-', '-'],
        `standard input can be read only once: there is more than one -\nusage: dog api comment ${METHODS.comment.usage}`,
      ],
    ]
    for (const [args, said] of wrong) {
      it(`of a call that cannot be meant: ${args.join(' ')}`, async () => {
        assert.deepEqual(await dog(args), { code: 2, stdout: '', stderr: `dog: ${said}\n` })
        assert.equal(asked.length, 0)
      })
    }

    it('of missing keys, by the names of the environment', async () => {
      const none = { DATADOG_HOST: '', DD_API_KEY: '', DD_APP_KEY: '' }
      assert.deepEqual(await dog(['validate'], none), {
        code: 2,
        stdout: '',
        stderr: 'dog: an API key is needed: DD_API_KEY in the environment\n',
      })
      const { stderr } = await dog(['allTags'], { DD_APP_KEY: '' })
      assert.equal(stderr, 'dog: this call needs an application key as well: DD_APP_KEY in the environment\n')
    })

    it('and never shows a key', async () => {
      answers = [[400, JSON.stringify({ errors: [`the key ${KEYS.DD_API_KEY} is bad`] })]]
      assert.match((await dog(['validate'])).stderr, /the key \(key\) is bad/)
      const { stderr } = await dog(['validate'], { DD_API_KEY: 'sec\nret-key' })
      assert.equal(stderr, 'dog: apiKey has characters that a key cannot have\n')
    })
  })

  describe('helps', () => {
    for (const args of [[], ['--help'], ['-h']]) {
      it(`with all methods: dog api ${args.join(' ')}`.trim(), async () => {
        const { code, stdout, stderr } = await dog(args)
        assert.deepEqual([code, stderr], [0, ''])
        for (const [method, { endpoint }] of Object.entries(METHODS)) {
          assert.match(stdout, new RegExp(`^ {2}${method}( |$)`, 'm'))
          assert.ok(stdout.replaceAll(/\s+/g, ' ').includes(endpoint), endpoint)
        }
        assert.match(stdout, /monitor type query .*\n {6}POST \/api\/v1\/monitor; both keys, monitors_write\n/)
        assert.match(stdout, /validate\n {6}GET \/api\/v1\/validate; API key\n/)
        for (const line of stdout.split('\n')) assert.ok(line.length <= 80, line)
        assert.ok(!stdout.includes('\u001b'))
      })
    }

    it('with one method', async () => {
      const { code, stdout } = await dog(['muteMonitor', '--help'])
      assert.equal(code, 0)
      assert.equal(
        stdout,
        `dog api muteMonitor monitorId {scope, end}

  monitorId  a text
  {…}        a JSON object with any of scope, end

  POST /api/v1/monitor/{monitorId}/mute
  needs both keys, monitors_write
  where Datadog answers 404: schedule a downtime instead, scheduleDowntime(),
  with a tag that the monitors have
`,
      )
      assert.equal((await dog(['--help', 'muteMonitor'])).stdout, stdout)
    })

    it('in colours where they are wanted', async () => {
      const { stdout } = await dog(['--help'], { FORCE_COLOR: '1' })
      assert.ok(stdout.includes('\u001b[1mtags of hosts\u001b[0m\n  \u001b[36maddTags\u001b[0m hostId tags'))
    })
  })
})
