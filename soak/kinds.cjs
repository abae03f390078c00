// What the clients of the soak ask: which kinds of requests there are, what the program must answer to each, and the spans that each must
// leave. A request has a number, which is in its URL, in the texts of its commands and queries, and in its answer.

/** A span, and those below it; `#` stands for the number of the request. */
const span = (what, ...below) => ({ what, below })

const identify = span('express.middleware identify')
const recognize = span('express.middleware recognize', span('redis.command GET session:#'))
const query = (text) => span(`pg.query ${text}`)
const served = (route, status, ...below) => span(`express.request ${route} ${status}`, identify, recognize, ...below)
const routed = (...below) => span('express.middleware router', ...below)
/** An error passes through it. */
const failed = (...below) => span('express.middleware router !', ...below)
const explain = span('express.middleware explain')

const KINDS = {
  item: {
    status: 200,
    tree: served(
      'GET /api/item/:number',
      200,
      routed(span('express.middleware item', query('select name, price from item where id = $1 -- request #'))),
    ),
  },
  both: {
    status: 200,
    tree: served(
      'GET /api/both/:number',
      200,
      routed(
        span(
          'express.middleware both',
          span('redis.command INCR seen:#'),
          span('redis.command EXPIRE seen:# 5'),
          query('select 1 as one, pg_sleep(0.001) -- request #'),
          query('select 2 as two -- request #'),
        ),
      ),
    ),
  },
  order: {
    status: 201,
    body: (number) => JSON.stringify({ request: number, lines: [{ item: 1, count: 2 }], remark: 'x'.repeat(300) }),
    tree: served(
      'POST /api/order/:number',
      201,
      routed(
        span('express.middleware jsonParser'),
        span(
          'express.middleware order',
          span('pg.pool.acquire pg.pool.acquire'),
          query('begin'),
          query('update item set stock = stock + 1 where id = $1 -- request #'),
          query('select stock from item where id = $1 -- request #'),
          query('commit'),
        ),
      ),
    ),
  },
  fails: {
    status: 500,
    tree: served(
      'GET /api/fails/:number',
      '500 !',
      failed(span('express.middleware fails !', span('redis.command GET fails:#'))),
      explain,
    ),
  },
  wrong: {
    status: 500,
    tree: served(
      'GET /api/wrong/:number',
      '500 !',
      failed(span('express.middleware wrong !', span('pg.query select nothing from nowhere -- request # !'))),
      explain,
    ),
  },
  nothing: { status: 404, tree: served('GET', 404, span('express.middleware nothing')) },
  big: { status: 200, tree: served('GET /api/big/:number', 200, routed(span('express.middleware answerMuch'))) },
}

/** What a program is mostly asked, by the last digits of a request's number. */
const CYCLE =
  'item item item both item item order item item fails item item item both item item nothing item item wrong'.split(' ')

const BIG_BYTES = 512 * 1024

const kindOf = (number) => CYCLE[number % CYCLE.length]

const pathOf = (kind, number) => `${kind === 'nothing' ? '' : '/api'}/${kind}/${number}`

module.exports = { KINDS, BIG_BYTES, kindOf, pathOf }
