// Names the other side of a span that goes out, its peer, by what the span's tags say of that.

import { OUT_HOST, PEER_SERVICE, PEER_SERVICE_REMAPPED_FROM, PEER_SERVICE_SOURCE } from '../base/tags'
import type { Span } from '../trace/span'
import type { SpanTemplate } from './contract'

/** Where every peer's name may be found, after what its plugin says. */
const PEER_TAGS = ['net.peer.name', OUT_HOST]

/** What peers are to be called, by the names that their tags give. */
type Peers = Readonly<Record<string, string>>

interface Peer {
  readonly name: string
  /** The tag that it was taken from. */
  readonly source: string
  /** What stands there, where that is another name. */
  readonly renamed?: string
}

/**
 * Puts `peer.service` on a span that goes out, at its end, with the tag that it was taken from. One that is there stays, and is its own
 * source.
 */
export function namePeer(span: Span, template: SpanTemplate, peers: Peers): void {
  const peer = peerOf(span, template, peers)
  if (peer === undefined) return
  span.put(PEER_SERVICE_SOURCE, peer.source)
  if (peer.renamed !== undefined) span.put(PEER_SERVICE_REMAPPED_FROM, peer.renamed)
  span.put(PEER_SERVICE, peer.name)
}

/** The peer of a span that goes out. */
export function peerOf(span: Span, { peerTags = [] }: Pick<SpanTemplate, 'peerTags'>, peers: Peers): Peer | undefined {
  for (const tag of [PEER_SERVICE, ...peerTags, ...PEER_TAGS]) {
    // `db.name.` is the part of `db.name` before its first dot.
    const key = tag.endsWith('.') ? tag.slice(0, -1) : tag
    const value = span.getTag(key)
    if (typeof value !== 'string' || value === '') continue
    const name = key === tag ? value : (value.split('.', 1)[0] as string)
    return Object.hasOwn(peers, name)
      ? { name: peers[name] as string, source: key, renamed: name }
      : { name, source: key }
  }
  return undefined
}
