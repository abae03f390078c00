// Traces of a small shop as its tracers would send them: services, databases, errors, events, links, and one trace of any size. The
// same for the same seed.

import { type SpanFields, v04, wireSpan } from '../wire-span'

const MS = 1_000_000n

/** Park and Miller's. */
export class Dice {
  constructor(private state = 42) {}

  /** From 0 up to 1. */
  roll(): number {
    this.state = (this.state * 48271) % 2147483647
    return this.state / 2147483647
  }

  between(low: number, high: number): number {
    return low + this.roll() * (high - low)
  }

  of<T>(list: readonly T[]): T {
    return list[Math.floor(this.roll() * list.length)]!
  }
}

const ROUTES = [
  ['GET', '/items', 30],
  ['GET', '/items/:id', 18],
  ['POST', '/checkout', 160],
  ['GET', '/search', 55],
  ['GET', '/health', 1],
] as const

const STACK = `TypeError: Cannot read properties of undefined (reading 'price')
    at totalOf (/srv/shop/src/checkout.js:41:27)
    at Checkout.confirm (/srv/shop/src/checkout.js:73:19)
    at Layer.handle [as handle_request] (/srv/shop/node_modules/express/lib/router/layer.js:95:5)
    at next (/srv/shop/node_modules/express/lib/router/route.js:149:13)
    at process.processTicksAndRejections (node:internal/process/task_queues:105:5)`

const SQL = {
  list: 'SELECT i.id, i.name, i.price, count(r.id) AS reviews FROM item i LEFT JOIN review r ON r.item_id = i.id WHERE i.price < $1 AND i.stock > 0 GROUP BY i.id ORDER BY i.name LIMIT 50',
  one: 'SELECT id, name, price FROM item WHERE id = $1',
  order: "INSERT INTO orders (customer, total, state) VALUES ($1, $2, 'new') RETURNING id",
}

/** A request to the shop with all that it causes. */
export function shopTrace(trace_id: bigint, start: bigint, dice: Dice): SpanFields[] {
  const [method, route, usualMs] = dice.of(ROUTES)
  const spans: SpanFields[] = []
  let nextId = trace_id * 1000n
  const ms = (value: number): bigint => BigInt(Math.max(1, Math.round(value * 1e6)))
  const add = (parent: SpanFields | undefined, fromMs: number, lengthMs: number, fields: SpanFields): SpanFields => {
    const span = {
      trace_id,
      span_id: ++nextId,
      parent_id: parent?.span_id ?? 0n,
      start: start + ms(fromMs),
      duration: ms(lengthMs),
      ...fields,
      meta: {
        env: 'dev',
        version: '1.4.2',
        component: 'express',
        'runtime-id': 'f3e1',
        language: 'javascript',
        ...fields.meta,
      },
      metrics: { process_id: 4711, ...fields.metrics },
    }
    spans.push(span)
    return span
  }
  const total = usualMs * dice.between(0.6, 1.6) * (dice.roll() < 0.06 ? 6 : 1)
  const fails = route === '/checkout' && dice.roll() < 0.3
  const missing = route === '/items/:id' && dice.roll() < 0.15
  const status = fails ? '500' : missing ? '404' : '200'
  const root = add(undefined, 0, total, {
    service: 'shop',
    name: 'web.request',
    resource: `${method} ${route}`,
    type: 'web',
    error: Number(fails),
    meta: {
      'http.method': method,
      'http.route': route,
      'http.status_code': status,
      'http.url': `http://localhost:3000${route.replace(':id', '17')}`,
      'span.kind': 'server',
      'http.useragent': 'Mozilla/5.0 (X11; Linux x86_64)',
      ...(fails
        ? {
            'error.type': 'TypeError',
            'error.message': "Cannot read properties of undefined (reading 'price')",
            'error.stack': STACK,
          }
        : {}),
    },
    metrics: { _sampling_priority_v1: 1 },
  })
  if (route === '/health') return spans
  const middleware = add(root, total * 0.01, total * 0.06, {
    service: 'shop',
    name: 'express.middleware',
    resource: 'session',
    type: 'web',
  })
  add(middleware, total * 0.015, total * 0.04, {
    service: 'shop-redis',
    name: 'redis.command',
    resource: 'GET',
    type: 'redis',
    meta: {
      'db.system': 'redis',
      'redis.raw_command': 'GET session:81f2',
      'span.kind': 'client',
      'out.host': 'localhost',
    },
  })
  const sql = route === '/items' ? SQL.list : SQL.one
  add(root, total * 0.1, total * 0.35, {
    service: 'shop-postgres',
    name: 'pg.query',
    resource: sql,
    type: 'sql',
    meta: { 'db.type': 'postgres', 'db.name': 'shop', 'span.kind': 'client', 'out.host': 'localhost' },
    metrics: { 'db.row_count': 50 },
  })
  if (route !== '/checkout') {
    add(root, total * 0.5, total * 0.3, {
      service: 'shop-postgres',
      name: 'pg.query',
      resource: 'SELECT stars, words FROM review WHERE item_id = ANY($1)',
      type: 'sql',
      meta: { 'db.type': 'postgres', 'span.kind': 'client', 'out.host': 'localhost' },
    })
    if (route === '/search') {
      const call = add(root, total * 0.2, total * 0.5, {
        service: 'shop',
        name: 'http.request',
        resource: 'GET',
        type: 'http',
        meta: {
          'http.method': 'GET',
          'http.url': 'http://search.internal:9200/items/_search',
          'span.kind': 'client',
          'out.host': 'search.internal',
        },
      })
      add(call, total * 0.24, total * 0.42, {
        service: 'search',
        name: 'web.request',
        resource: 'GET /items/_search',
        type: 'web',
        meta: { 'http.status_code': '200', 'span.kind': 'server' },
      })
    }
    return spans
  }
  const call = add(root, total * 0.46, total * 0.5, {
    service: 'shop',
    name: 'http.request',
    resource: 'POST',
    type: 'http',
    error: Number(fails),
    meta: {
      'http.method': 'POST',
      'http.url': 'http://payments:8080/charge',
      'http.status_code': status,
      'span.kind': 'client',
      'out.host': 'payments',
    },
  })
  const charge = add(call, total * 0.48, total * 0.44, {
    service: 'payments',
    name: 'web.request',
    resource: 'POST /charge',
    type: 'web',
    error: Number(fails),
    meta: {
      'http.status_code': status,
      'span.kind': 'server',
      events: JSON.stringify([
        {
          name: 'card.checked',
          time_unix_nano: String(start + ms(total * 0.6)),
          attributes: { issuer: 'example bank', attempts: 2 },
        },
      ]),
      '_dd.span_links': JSON.stringify([
        { trace_id: '1'.padStart(32, '0'), span_id: '00000000000003e9', attributes: { reason: 'retry of' } },
      ]),
      ...(fails
        ? {
            'error.type': 'CardDeclined',
            'error.message': 'the bank said no',
            'error.stack': STACK.replaceAll('shop', 'payments'),
          }
        : {}),
    },
  })
  for (let item = 0; item < 4; item++) {
    add(charge, total * (0.5 + item * 0.02), total * dice.between(0.1, 0.2), {
      service: 'payments-mongo',
      name: 'mongodb.query',
      resource: 'findAndModify ledger',
      type: 'mongodb',
      meta: {
        'db.system': 'mongodb',
        'mongodb.query': '{"account":"81f2","currency":"EUR","$set":{"state":"reserved"}}',
        'span.kind': 'client',
        'out.host': 'mongo',
      },
    })
  }
  add(root, total * 0.965, total * 0.02, {
    service: 'shop-postgres',
    name: 'pg.query',
    resource: SQL.order,
    type: 'sql',
    meta: { 'db.type': 'postgres', 'span.kind': 'client' },
  })
  add(root, total * 0.985, total * 0.3, {
    service: 'mailer',
    name: 'kafka.produce',
    resource: 'orders.confirmed',
    type: 'queue',
    meta: { 'messaging.system': 'kafka', 'span.kind': 'producer' },
  })
  return spans
}

/** One trace of `count` spans: requests that fan out to services, which fan out to queries. */
export function largeTrace(trace_id: bigint, start: bigint, count: number, dice = new Dice(7)): SpanFields[] {
  const services = [
    'gateway',
    'orders',
    'customers',
    'stock',
    'prices',
    'orders-postgres',
    'stock-redis',
    'prices-mysql',
  ]
  const spans: SpanFields[] = [
    {
      trace_id,
      span_id: 1n,
      service: 'gateway',
      name: 'batch.run',
      resource: 'nightly import',
      type: 'worker',
      start,
      duration: 60_000n * MS,
    },
  ]
  while (spans.length < count) {
    // Half of the spans hang below the last hundred, so that the tree is as deep as it is wide.
    const parent =
      spans[
        Math.floor(
          dice.roll() < 0.5
            ? dice.between(Math.max(0, spans.length - 100), spans.length)
            : dice.roll() ** 2 * spans.length,
        )
      ]!
    const room = Number(parent.duration)
    const from = dice.roll() * room * 0.9
    // Services call those behind them in the list, or themselves.
    const service =
      services[Math.min(services.length - 1, services.indexOf(parent.service!) + Math.floor(dice.roll() * 3))]!
    const isQuery = service.includes('-')
    const fails = dice.roll() < 0.004
    spans.push({
      trace_id,
      span_id: BigInt(spans.length + 1),
      parent_id: parent.span_id!,
      service,
      name: isQuery ? 'db.query' : 'web.request',
      resource: isQuery
        ? `SELECT * FROM part_${spans.length % 40} WHERE id = $1`
        : `GET /${service}/${spans.length % 25}`,
      type: isQuery ? 'sql' : 'web',
      start: parent.start! + BigInt(Math.round(from)),
      duration: BigInt(Math.max(1000, Math.round(dice.between(0.05, 0.6) * (room - from)))),
      error: Number(fails),
      meta: {
        env: 'dev',
        component: 'sample',
        ...(fails ? { 'error.type': 'Timeout', 'error.message': 'gave up after 3 s' } : {}),
      },
    })
  }
  return spans
}

/** A payload of v0.4 with one chunk for each trace. */
export function payloadOf(...traces: readonly SpanFields[][]): Buffer {
  return v04(...traces.map((spans) => spans.map((span) => wireSpan(span))))
}
