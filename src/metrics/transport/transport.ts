// The extension point for where packets of metrics go: a socket, a stream, anything that takes text.

/** The largest packet that UDP carries, with room for options of IP. */
export const MAX_UDP_BYTES = 65_467

/** What became of packets, told as it happens: the counters of a client. */
export interface PacketListener {
  /** All bytes were handed to the system. */
  sent(packets: number, bytes: number, lines: number): void
  /** `queue`: too many wait already; `writer`: the socket refused them, or lost its connection with them. */
  dropped(reason: 'queue' | 'writer', packets: number, bytes: number, lines: number): void
  /** Of a packet that was sent the system has heard since that nobody listened for it. */
  refused?(lines: number): void
  /** The way to the server failed; packets that are lost by it are told as dropped. */
  failed(error: Error): void
}

export interface Transport {
  /** The value of the tag `client_transport` of the client's telemetry. */
  readonly kind: 'udp' | 'tcp' | 'uds-stream' | 'pipe' | 'stream' | 'custom'
  /** The largest packet in bytes that is read whole at the other end, by default. */
  readonly maxPacketBytes: number
  /** Says who is told what becomes of the packets. The client that sends with it does so when it is made; the last one counts. */
  listen(listener: PacketListener): void
  /**
   * Takes a packet. Never throws; what becomes of it is told to the listener.
   * @param text lines with newlines between them, none after the last
   * @param bytes of `text` in UTF-8
   * @param lines how many there are
   */
  send(text: string, bytes: number, lines: number): void
  /**
   * Resolves when every packet taken so far was sent or dropped; never rejects. The process stays until then.
   * @param timeoutMs how long it waits at most; what is left then goes on waiting for the server. Default: 2000
   */
  flush(timeoutMs?: number): Promise<void>
  /** Sends what it has, within `timeoutMs` (default: 2000), drops the rest and lets go of the socket. Never rejects. Packets after it are dropped. */
  close(timeoutMs?: number): Promise<void>
}

/** Nobody has asked to be told yet. */
export const UNHEARD: PacketListener = { sent() {}, dropped() {}, failed() {} }
