// A shop of books on Koa.

const { PassThrough, Readable } = require('node:stream')
const Router = require('@koa/router')
const Koa = require('koa')
const bodyParser = require('koa-bodyparser')
const compress = require('koa-compress')
const serve = require('koa-static')

const app = new Koa()
const router = new (Router.Router ?? Router)()
const books = new Map([1, 2, 3].map((id) => [id, { id, title: `Book ${id}` }]))

app.use(async (ctx, next) => {
  ctx.set('x-shop', 'books')
  await next()
})
app.use(compress({ threshold: 1024 }))
app.use(serve(`${__dirname}/public`, { maxage: 1000 }))
app.use(bodyParser())

router.get('/books', (ctx) => {
  ctx.body = [...books.values()]
})
router.get('/books/:id', async (ctx) => {
  await new Promise((resolve) => setTimeout(resolve, 2))
  const book = books.get(Number(ctx.params.id))
  ctx.assert(book, 404, 'no such book')
  ctx.body = book
})
router.post('/books', (ctx) => {
  ctx.status = 201
  ctx.body = ctx.request.body
})
router.put('/books/:id', (ctx) => {
  ctx.body = { ...books.get(Number(ctx.params.id)), ...ctx.request.body }
})
router.delete('/books/:id', (ctx) => {
  ctx.status = 204
})
router.get('/long', (ctx) => {
  ctx.body = 'a long text. '.repeat(5000)
})
router.get('/stream', (ctx) => {
  ctx.type = 'text/plain'
  ctx.body = Readable.from(['one ', 'two ', 'three'])
})
router.get('/endless', (ctx) => {
  const body = new PassThrough()
  body.write('begins')
  const timer = setInterval(() => body.write('goes on'), 5)
  body.on('close', () => clearInterval(timer))
  ctx.type = 'application/octet-stream'
  ctx.body = body
})
router.get('/failure', () => {
  throw new Error('this always fails')
})
app.use(router.routes()).use(router.allowedMethods())

app.listen(Number(process.env.PORT), '127.0.0.1')
