// The users router of the Express starter, as it looks after the first day of work.

var createError = require('http-errors')
var express = require('express')
var router = express.Router()

router.param('id', (req, _res, next, id) => {
  if (id === '0') return next(createError(404, 'there is no such user'))
  req.user = { id: id, name: 'user ' + id }
  setImmediate(next)
})

router.get('/', (_req, res) => {
  res.send('respond with a resource')
})

router.get('/:id', (req, res) => {
  res.cookie('seen', req.user.id, { httpOnly: true })
  res.json({ user: req.user, cookies: req.cookies })
})

router.get('/:id/avatar', (_req, res) => {
  res.redirect(301, '/stylesheets/style.css')
})

router.post('/', (req, res) => {
  res.status(201).location('/users/8').json(req.body)
})

router
  .route('/:id')
  .put((req, res) => {
    res.json(Object.assign({}, req.user, req.body))
  })
  .patch((req, res) => {
    res.json(Object.assign({}, req.user, req.body))
  })
  .delete((_req, res) => {
    res.sendStatus(204)
  })

router.get('/:id/failure', () => {
  throw new Error('this always fails')
})

router.get('/:id/later-failure', (_req, _res, next) => {
  setTimeout(() => {
    next(new TypeError('this fails later'))
  }, 5)
})

router.get('/:id/stream', (_req, res) => {
  res.write('begins')
  var timer = setInterval(() => {
    res.write('goes on')
  }, 5)
  res.on('close', () => {
    clearInterval(timer)
  })
})

module.exports = router
