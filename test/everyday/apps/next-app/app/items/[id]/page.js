// Rendered at each request, from what the API next door says.

import { headers } from 'next/headers'
import { notFound } from 'next/navigation'

export default async function Item({ params }) {
  const { id } = await params
  const host = (await headers()).get('host')
  const response = await fetch(`http://${host}/api/items/${id}`, { cache: 'no-store' })
  if (response.status === 404) notFound()
  const item = await response.json()
  return <p>{item.title}</p>
}
