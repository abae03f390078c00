// The schema of the GraphQL server: books, with a field that resolves later and one that fails.

const books = [1, 2, 3].map((id) => ({ id, title: `Book ${id}`, authorId: id % 2 }))

exports.typeDefs = `
  type Author { id: ID! name: String! }
  type Book { id: ID! title: String! author: Author! later: String! }
  type Query { books: [Book!]! book(id: ID!): Book broken: String }
  type Mutation { add(title: String!): Book! }
`

exports.resolvers = {
  Query: {
    books: () => books,
    book: (_parent, { id }) => books.find((book) => book.id === Number(id)),
    broken: () => {
      throw new Error('this always fails')
    },
  },
  Book: {
    author: ({ authorId }) => ({ id: authorId, name: `Author ${authorId}` }),
    later: ({ title }) => new Promise((resolve) => setTimeout(resolve, 2, `${title}, later`)),
  },
  Mutation: { add: (_parent, { title }) => ({ id: 4, title, authorId: 0 }) },
}
