export async function GET(_request, { params }) {
  const { id } = await params
  if (id === '0') return Response.json({ error: 'no such item' }, { status: 404 })
  return Response.json({ id, title: `Item ${id}` })
}

export async function PUT(request, { params }) {
  const { id } = await params
  return Response.json({ id, ...(await request.json()) })
}
