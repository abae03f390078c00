// Makes of our telemetry what datadogpy would have sent of the same packets, which is how the vectors have it: it sends eleven of the
// counts and tells its own name; the newline that ends its packets counts, as does the size of its own telemetry.

const PREFIX = 'datadog.dogstatsd.client.'
const ORDER = [
  'metrics',
  'events',
  'service_checks',
  'bytes_sent',
  'bytes_dropped',
  'bytes_dropped_queue',
  'bytes_dropped_writer',
  'packets_sent',
  'packets_dropped',
  'packets_dropped_queue',
  'packets_dropped_writer',
]
/** The version with which the vectors were made, whose length counts. */
const PEER_VERSION = '0.53.0'

/** @returns what to make of each packet, in their order */
export function peerTelemetry(lineEnd: string): (packet: string) => string {
  /** Since the last telemetry: of ours, and as the peer would have had it. */
  let bytes = 0
  let peerBytes = 0
  return (packet) => {
    if (!packet.startsWith(PREFIX)) {
      bytes += Buffer.byteLength(packet)
      peerBytes += Buffer.byteLength(packet + lineEnd)
      return packet
    }
    const lines = new Map(packet.split('\n').map((line) => [line.slice(PREFIX.length, line.indexOf(':')), line]))
    const told = /:(\d+)\|c/.exec(lines.get('bytes_sent') ?? '')?.[1]
    if (Number(told) !== bytes) throw new Error(`bytes_sent is ${told}, and ${bytes} were sent`)
    const peers = ORDER.map((name) => {
      const line = lines.get(name)
      if (line === undefined) throw new Error(`the telemetry has no ${name}`)
      const isOurs = /\|#client:nodejs,client_version:\d+\.\d+\.\d+[^,|]*,client_transport:udp/.test(line)
      if (!isOurs) throw new Error(`the tags of ${line} are wrong`)
      const asPeer = line.replace(/client:nodejs,client_version:[^,|]*/, 'client:py,client_version:<version>')
      return name === 'bytes_sent' ? asPeer.replace(/:\d+\|c/, `:${peerBytes}|c`) : asPeer
    }).join('\n')
    bytes = Buffer.byteLength(packet)
    peerBytes = Buffer.byteLength(peers.replaceAll('<version>', PEER_VERSION) + lineEnd)
    return peers
  }
}
