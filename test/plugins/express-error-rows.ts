// Applications of Express in which something fails, or is passed on as if it had: what they are asked, and the spans that they should have.

import {
  type AppRow,
  badRequest,
  boom,
  boomLater,
  type Handler,
  list,
  type Next,
  pass,
  type Request,
  type Response,
  serverError,
  show,
} from './express-app'

/** Both versions understand them. */
export const errorRows: AppRow[] = [
  [
    'falsy errors, which are none',
    (app) =>
      app
        .use((_request, _response, next) => next(0))
        .use((_request, _response, next) => next(''))
        .get('/a', list),
    'GET /a',
    'GET /a 200 (<anonymous>, <anonymous>, list)',
  ],
  [
    'an answer that is passed on as if it were an error',
    (app) => {
      const send = (answer: object, _request: Request, response: Response, _next: Next) => response.end(typeof answer)
      app.use((_request, _response, next) => next({ ok: true })).use(send as unknown as Handler)
    },
    'GET /a',
    'GET 200 (<anonymous>, send)',
  ],
  ['an error thrown', (app) => app.get('/a', boom), 'GET /a', 'GET /a 500 error (boom error)', 'boom'],
  ['an error passed on', (app) => app.use(boomLater), 'GET /a', 'GET 500 error (boomLater error)', 'boom'],
  [
    'an error that is text',
    (app) => app.use((_request, _response, next) => next('no')).use(serverError),
    'GET /a',
    'GET 500 error (<anonymous> error, answer500)',
    'no',
  ],
  [
    'an error answered with 400',
    (app) => app.get('/a', pass, boom).use(pass).use(badRequest),
    'GET /a',
    'GET /a 400 (pass, boom error, answer400)',
  ],
  [
    'an error answered with 500',
    (app) => app.get('/a', boom).use(serverError),
    'GET /a',
    'GET /a 500 error (boom error, answer500)',
    'boom',
  ],
  [
    'an error that passes on',
    (app) =>
      app
        .use(boom)
        .use((error: Error, _request: Request, _response: Response, next: Next) => next(error))
        .use(badRequest),
    'GET /a',
    'GET 400 (boom error, <anonymous> error, answer400)',
  ],
  [
    'an error that is put right',
    (app) =>
      app
        .use(boom)
        .use((_error: Error, _request: Request, _response: Response, next: Next) => next())
        .get('/a', list),
    'GET /a',
    'GET /a 200 (boom error, <anonymous>, list)',
  ],
  [
    'an error in a router',
    (app, { Router }) => app.use('/api', Router().get('/a', boom)).use(serverError),
    'GET /api/a',
    'GET /api/a 500 error (router error (boom error), answer500)',
    'boom',
  ],
  ['a URL that cannot be decoded', (app) => app.get('/:id', show).use(badRequest), 'GET /%', 'GET 400 (answer400)'],
  [
    'an error of a parameter that is answered with 500',
    (app) =>
      app
        .param('id', (_request, _response, next) => next(new Error('no such id')))
        .get('/:id', show)
        .use(serverError),
    'GET /1',
    'GET 500 error (answer500)',
    'no such id',
  ],
  [
    'an error of a parameter',
    (app) => app.param('id', (_request, _response, next) => next(new Error('no such id'))).get('/:id', show),
    'GET /1',
    'GET 500 error',
  ],
]
