// Everything that can happen to a request at a server of Node's `http`: how it is answered, and how it ends otherwise.

import { EventEmitter } from 'node:events'
import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import { text } from 'node:stream/consumers'
import type { CallStyle, Probe } from '../support/call-styles'
import { ask, Dialogue, requestText } from '../support/loopback'
import { done, type Serving, wait } from './http-serving'

export interface Row extends CallStyle<Serving> {
  /** `resource status`, and `error`, of each span; default: one that went well. */
  readonly spans?: readonly string[]
  /** The error of the first. */
  readonly message?: string
}

/** A row that answers with `answer` to one request. */
const asked =
  (answer: RequestListener, line = 'GET /', headers: readonly string[] = [], body = '') =>
  ({ server, port }: Serving) => {
    server.on('request', answer)
    return ask(port, line, headers, body)
  }

/** The names of listened-to events aside, which show the plugin's own. */
const keysOf = (emitter: EventEmitter) => Reflect.ownKeys(emitter).map(String)

export const rows: Row[] = [
  ...[200, 204, 302, 304, 404, 499, 500, 503].map((status) => ({
    name: `with ${status}`,
    run: asked((_request, response) => void response.writeHead(status, { 'x-own': 'yes' }).end()),
    spans: [`GET ${status}${status >= 500 ? ' error' : ''}`],
  })),
  {
    name: 'a body read by events',
    run: asked(
      (request, response) => {
        let body = ''
        request.on('data', (part) => {
          body += part
        })
        request.on('end', () => response.end(body))
      },
      'POST /',
      [],
      'a body',
    ),
    spans: ['POST 200'],
  },
  {
    name: 'a body read by iteration, with chunks and trailers',
    run: asked(
      async (request, response) => {
        response.write(await text(request))
        response.end(JSON.stringify([request.rawTrailers, request.complete]))
      },
      'PUT /',
      ['transfer-encoding: chunked', 'trailer: x-sum', '', '5', 'hello', '0', 'x-sum: 5'],
    ),
    spans: ['PUT 200'],
  },
  {
    name: 'the body piped back',
    run: asked((request, response) => void request.pipe(response), 'PATCH /', [], 'back'),
    spans: ['PATCH 200'],
  },
  { name: 'no body to HEAD', run: asked(done, 'HEAD /'), spans: ['HEAD 200'] },
  { name: 'OPTIONS for the whole server', run: asked(done, 'OPTIONS *'), spans: ['OPTIONS 200'] },
  { name: 'a request that goes through it as a proxy', run: asked(done, 'GET http://other.example/a') },
  {
    name: 'after awaits and timers',
    run: asked(async (_request, response) => {
      await wait()
      response.statusCode = 201
      response.end('late')
    }),
    spans: ['GET 201'],
  },
  {
    name: 'in pieces, with early hints, callbacks and trailers',
    run: ({ server, port }, probe) => {
      server.on('request', (_request, response) => {
        response.writeEarlyHints({ link: '</style.css>; rel=preload' })
        response.writeProcessing()
        response.setHeader('trailer', 'x-sum')
        response.write('one', probe.callback('written'))
        response.addTrailers({ 'x-sum': '1' })
        response.end('two', probe.callback('ended'))
      })
      return ask(port, 'GET /')
    },
  },
  {
    name: 'own properties and listeners of request and response as they were',
    run: ({ server, port }, probe) => {
      server.on('request', (request, response) => {
        probe.note('request', keysOf(request))
        probe.note('response', keysOf(response))
        probe.note('listeners', [request.eventNames(), response.listenerCount('error'), server.eventNames()])
        done(request, response)
      })
      return ask(port, 'GET /')
    },
  },
  {
    name: 'twice, of which the second fails',
    run: ({ server, port }, probe) => {
      server.on('request', (_request, response) => {
        response.on('error', probe.callback('error'))
        response.end('first')
        response.end('second', probe.callback('ended'))
      })
      return ask(port, 'GET /')
    },
  },
  {
    name: 'an error that nobody catches',
    run: ({ server, port }, probe) => {
      server.on('request', (_request, response) => {
        response.writeHead(200).write('so far')
        throw new RangeError('of the handler')
      })
      void ask(port, 'GET /')
      return probe.unhandled()
    },
    spans: ['GET 200 error'],
    message: 'of the handler',
  },
  {
    name: 'a rejection that nobody handles',
    run: asked(async (_request, response) => {
      response.end('done')
      throw new RangeError('of the handler')
    }),
  },
  {
    name: 'with a broken connection',
    run: ({ server, port }, probe) => {
      server.on('request', (_request, response) => {
        response.on('close', probe.callback('close'))
        response.destroy(new Error('no more'))
      })
      return ask(port, 'GET /')
    },
    spans: ['GET -'],
  },
  {
    name: 'after the client has gone',
    run: ({ server, port }, probe) => {
      const [aborted, failed] = ['aborted', 'request error'].map((event) => probe.callback(event))
      const closed = probe.callback('close', function (this: ServerResponse) {
        this.end('too late')
      })
      const dialogue = Dialogue.open(port).say(requestText('GET /slow'))
      server.on('request', (request, response) => {
        request.on('aborted', aborted!).on('error', failed!)
        response.on('error', probe.optional('response error')).on('close', closed)
        dialogue.socket.destroy()
      })
    },
    spans: ['GET -'],
  },
  {
    name: 'requests that follow each other on one connection',
    run: async ({ server, port }) => {
      server.on('request', (request, response) => void response.end(request.url))
      const dialogue = Dialogue.open(port).say(requestText('GET /1'))
      await dialogue.answer(/\/1$/)
      dialogue.say(requestText('GET /2', ['connection: close']))
      return dialogue.answer()
    },
    spans: ['GET 200', 'GET 200'],
  },
  {
    name: 'requests sent at once, the last first',
    run: ({ server, port }) => {
      const answers: (() => void)[] = []
      server.on('request', (request, response) => {
        answers.unshift(() => response.end(request.url))
        if (answers.length === 3) for (const answer of answers) answer()
      })
      return Dialogue.open(port)
        .say(['/1', '/2'].map((path) => requestText(`GET ${path}`)).join(''))
        .say(requestText('GET /3', ['connection: close']))
        .answer()
    },
    spans: ['GET 200', 'GET 200', 'GET 200'],
  },
  {
    name: 'a body that waits to be wanted',
    run: asked((request, response) => void request.pipe(response), 'POST /', ['expect: 100-continue'], 'wanted'),
    spans: ['POST 200'],
  },
  {
    name: 'a body that waits, which the program lets come',
    run: ({ server, port }, probe) => {
      server.on('checkContinue', (request, response) => {
        response.writeContinue()
        probe.note('emitted', server.emit('request', request, response))
      })
      return asked(
        (request, response) => void request.pipe(response),
        'POST /',
        ['expect: 100-continue'],
        'wanted',
      )({
        server,
        port,
      })
    },
    spans: ['POST 200'],
  },
  {
    name: 'a body that waits, which the program refuses',
    run: ({ server, port }) => {
      server.on('checkContinue', (_request, response) => response.writeHead(413).end())
      return ask(port, 'POST /', ['expect: 100-continue', 'content-length: 9'])
    },
    spans: ['POST 413'],
  },
  {
    name: 'an expectation that it does not know',
    run: ({ server, port }) => {
      server.on('checkExpectation', (_request, response) => response.writeHead(417).end())
      return ask(port, 'GET /', ['expect: wonders'])
    },
    spans: ['GET 417'],
  },
  {
    name: 'a request that it passes on to itself',
    run: ({ server, port }) => {
      server.on('request', (request, response) => {
        if (request.url === '/new') return response.end('moved')
        request.url = '/new'
        return server.emit('request', request, response)
      })
      return ask(port, 'GET /old')
    },
  },
  ...['upgrade', 'connect'].map((event) => ({
    name: event,
    run: ({ server, port }: Serving, probe: Probe) => {
      const told = probe.callback(event, () => {})
      server.on(event, (request: IncomingMessage, socket: Socket, head: Buffer) => {
        told(request.url, String(head))
        socket.end('HTTP/1.1 101 Switching\r\n\r\nwelcome')
      })
      return event === 'connect'
        ? ask(port, 'CONNECT other.example:443', [], 'hello')
        : Dialogue.open(port)
            .say(requestText('GET /chat', ['connection: upgrade', 'upgrade: chat']))
            .answer()
    },
    spans: [],
  })),
  {
    name: 'nonsense',
    run: async ({ server, port }, probe) => {
      const told = probe.callback('clientError', () => {})
      server.on('clientError', (error, socket) => {
        told((error as NodeJS.ErrnoException).code)
        socket.end('HTTP/1.1 400 Bad\r\n\r\n')
      })
      return Dialogue.open(port).say('nonsense\r\n\r\n').answer()
    },
    spans: [],
  },
  {
    name: 'events without listeners',
    run: ({ server }) => [server.emit('request', mockRequest(), new EventEmitter()), server.emit('own', 1)],
    spans: [],
  },
  {
    name: 'requests made up by the program',
    run: ({ server }, probe) => {
      const told = probe.callback('request', () => {})
      server.on('request', (request: IncomingMessage, response: EventEmitter) => {
        told(request.url, keysOf(request), keysOf(response))
        response.emit('finish')
      })
      return server.emit('request', mockRequest(), Object.assign(new EventEmitter(), { statusCode: 202 }))
    },
    spans: ['GET 202'],
  },
  {
    name: 'requests made up of almost nothing',
    run: ({ server }, probe) => {
      server.on('request', probe.callback('request'))
      return server.emit('request', {}, { statusCode: 200 })
    },
  },
]

function mockRequest(): object {
  return Object.assign(new EventEmitter(), { method: 'GET', url: '/made-up', headers: { host: 'nowhere' } })
}
