// An empty list for what belongs to one request.
//
// V8 counts how many objects of each literal of the source survive. Where a few hundred all did, as with the first requests of a server
// that asks others, it makes every later one old from the start, for good; and all that such an object holds, the whole request, then
// stays until the next collection of the whole heap. So what a request keeps is made by classes, and its lists here: neither is counted.

export function freshList<T>(...items: T[]): T[] {
  return items
}
