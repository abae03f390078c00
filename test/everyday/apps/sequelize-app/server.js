// A shop of books: Sequelize on PostgreSQL, Express before it.

const express = require('express')
const { DataTypes, Sequelize, UniqueConstraintError, ValidationError } = require('sequelize')

const SCHEMA = 'everyday_sequelize'

async function main() {
  const sequelize = new Sequelize(process.env.DATABASE_URL, { logging: false, schema: SCHEMA, pool: { max: 3 } })
  const Author = sequelize.define('author', { name: { type: DataTypes.STRING, unique: true, allowNull: false } })
  const Book = sequelize.define('book', {
    title: { type: DataTypes.STRING, allowNull: false, validate: { len: [1, 40] } },
    price: DataTypes.INTEGER,
  })
  Author.hasMany(Book)
  Book.belongsTo(Author)
  await sequelize.dropSchema(SCHEMA)
  await sequelize.createSchema(SCHEMA)
  await sequelize.sync()
  const ann = await Author.create({ name: 'Ann' })
  await Book.bulkCreate([1, 2, 3].map((n) => ({ title: `Book ${n}`, price: n * 10, authorId: ann.id })))

  const shown = { attributes: ['id', 'title', 'price'], include: { model: Author, attributes: ['name'] } }
  const app = express()
  app.use(express.json())
  app.get('/books', async (_request, response) => response.json(await Book.findAll({ ...shown, order: ['id'] })))
  app.get('/books/:id', async (request, response) => {
    const book = await Book.findByPk(request.params.id, shown)
    if (book === null) return response.status(404).json({ error: 'no such book' })
    response.json(book)
  })
  app.post('/books', async (request, response) => {
    const { author: name, ...book } = request.body
    const id = await sequelize.transaction(async (transaction) => {
      const author = await Author.create({ name }, { transaction })
      return (await Book.create({ ...book, authorId: author.id }, { transaction })).id
    })
    response.status(201).json(await Book.findByPk(id, shown))
  })
  app.put('/books/:id', async (request, response) => {
    const [count] = await Book.update(request.body, { where: { id: request.params.id } })
    response.json({ count })
  })
  app.delete('/books/:id', async (request, response) => {
    await Book.destroy({ where: { id: request.params.id } })
    response.status(204).end()
  })
  app.get('/prices', async (_request, response) => {
    const [count, sum, raw] = await Promise.all([
      Book.count(),
      Book.sum('price'),
      sequelize.query(`select max(price) as most from ${SCHEMA}.books where price > :least`, {
        replacements: { least: 0 },
        plain: true,
      }),
    ])
    response.json({ count, sum, ...raw })
  })
  app.get('/wrong', async (_request, response) => response.json(await sequelize.query('select nothing from nowhere')))
  app.use((error, _request, response, next) => {
    if (error instanceof UniqueConstraintError) return response.status(409).json({ error: error.message })
    if (error instanceof ValidationError) return response.status(400).json({ error: error.message })
    next(error)
  })
  const server = app.listen(Number(process.env.PORT), '127.0.0.1')

  process.once('SIGTERM', async () => {
    server.close()
    await sequelize.dropSchema(SCHEMA)
    await sequelize.close()
    console.log('closed')
  })
}

void main()
