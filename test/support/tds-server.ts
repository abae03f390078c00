// A stand-in for SQL Server, which cannot be had for these tests: it is ours, it knows a handful of statements and keeps no data. What it
// does have is real: a socket, and the protocol's handshake, batches, remote procedure calls, transactions, bulk loads, errors
// and attentions, as far as a driver sees them. So it shows how a driver behaves, and nothing about SQL Server.
//
// Source: Microsoft, "[MS-TDS]: Tabular Data Stream Protocol", sections 2.2.3.1 (packets), 2.2.6 (messages), 3.3.5 (a server).

import { once } from 'node:events'
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net'
import {
  ATTENTION,
  COUNTED,
  collationChange,
  countRows,
  DONE,
  DONE_IN_PROCEDURE,
  DONE_PROCEDURE,
  done,
  envChange,
  error,
  FAILED,
  intRows,
  loginAck,
  MORE,
  Reader,
  returnStatus,
  returnValue,
  uint,
} from './tds-tokens'

/** 2.2.3.1.1: the types of messages. */
const BATCH = 1
const PROCEDURE_CALL = 3
const RESPONSE = 4
const ATTENTION_SIGNAL = 6
const BULK = 7
const TRANSACTION = 14
const LOGIN = 16
const PRELOGIN = 18

const HEADER_BYTES = 8
/** 2.2.3.1.2: the status of a packet. */
const LAST_PACKET = 1
const IGNORE = 2
/** 2.2.6.6: procedures that are called by number. */
const NUMBERED: Readonly<Record<number, string>> = {
  10: 'sp_executesql',
  11: 'sp_prepare',
  12: 'sp_execute',
  15: 'sp_unprepare',
}
/** 2.2.6.9: requests, with the ENVCHANGE that answers. */
const [BEGIN, COMMIT, ROLLBACK] = [5, 7, 8]
/** Before or behind a statement. */
const COMMENT = /^\/\*.*?\*\/ ?| ?\/\*.*?\*\/$/g
const NOTHING: Buffer = Buffer.alloc(0)

interface Parameter {
  readonly name: string
  readonly value: unknown
}

export class TdsServer {
  readonly #sessions = new Set<Session>()
  /** The statements that it was sent, to be run or prepared. */
  readonly texts: string[] = []

  private constructor(private readonly server: Server) {
    server.on('connection', (socket) => {
      const session = new Session(socket, this.texts)
      this.#sessions.add(session)
      socket.on('close', () => this.#sessions.delete(session))
    })
  }

  static async start(): Promise<TdsServer> {
    const server = createServer({ noDelay: true })
    const started = new TdsServer(server)
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    return started
  }

  get port(): number {
    return (this.server.address() as AddressInfo).port
  }

  /** Breaks all connections off. */
  drop(): void {
    for (const session of this.#sessions) session.drop()
  }

  async stop(): Promise<void> {
    this.drop()
    this.server.close()
    await once(this.server, 'close')
  }
}

/** One connection. */
class Session {
  readonly #statements = new Map<number, string>()
  #received = NOTHING
  #message: Buffer[] = []
  #transaction = NOTHING
  /** Whether a request is without its answer, which an attention ends before it is answered itself. */
  #isSilent = false

  constructor(
    private readonly socket: Socket,
    private readonly texts: string[],
  ) {
    socket.on('error', () => {})
    socket.on('data', (bytes: Buffer) => {
      this.#received = Buffer.concat([this.#received, bytes])
      while (this.#readPacket());
    })
  }

  drop(): void {
    this.socket.destroy()
  }

  /** Whether there was a whole one. */
  #readPacket(): boolean {
    if (this.#received.length < HEADER_BYTES) return false
    const length = this.#received.readUInt16BE(2)
    if (this.#received.length < length) return false
    const [type, status] = this.#received
    this.#message.push(this.#received.subarray(HEADER_BYTES, length))
    this.#received = this.#received.subarray(length)
    if (((status ?? 0) & LAST_PACKET) === 0) return true
    const message = new Reader(Buffer.concat(this.#message))
    this.#message = []
    const isTakenBack = ((status ?? 0) & IGNORE) !== 0
    const answer = isTakenBack ? done(DONE, FAILED) : this.#answer(type ?? 0, message)
    if (type === ATTENTION_SIGNAL && this.#isSilent) this.#send(done(DONE, FAILED))
    this.#isSilent = answer === undefined
    if (answer !== undefined) this.#send(answer)
    return true
  }

  #send(body: Buffer): void {
    const header = Buffer.from([RESPONSE, LAST_PACKET, 0, 0, 0, 0, 1, 0])
    header.writeUInt16BE(HEADER_BYTES + body.length, 2)
    this.socket.write(Buffer.concat([header, body]))
  }

  /** Undefined: the server keeps silent. */
  #answer(type: number, message: Reader): Buffer | undefined {
    switch (type) {
      case PRELOGIN:
        return prelogin()
      case LOGIN:
        return Buffer.concat([
          envChange(1, 'shop', 'master'),
          collationChange(),
          loginAck('a stand-in, not SQL Server'),
          done(DONE, 0),
        ])
      case BATCH:
        skipHeaders(message)
        return this.#execute(message.rest().toString('utf16le'), [], DONE)
      case PROCEDURE_CALL:
        skipHeaders(message)
        return this.#call(message)
      case TRANSACTION:
        skipHeaders(message)
        return this.#transact(message.uint(2))
      case BULK:
        return done(DONE, COUNTED, countRows(message))
      case ATTENTION_SIGNAL:
        return done(DONE, ATTENTION)
      default:
        throw new RangeError(`TDS: a message of type ${type}`)
    }
  }

  /** The statements that it knows; all others are wrong. */
  #execute(sent: string, parameters: readonly Parameter[], end: number): Buffer | undefined {
    this.texts.push(sent)
    const text = sent.replace(COMMENT, '')
    const selected = /^select (?:(\d+)|(@\w+)) as (\w+)$/.exec(text)
    if (selected !== null) {
      const [, number, name, column] = selected
      const value = number ?? parameters.find((parameter) => parameter.name === name)?.value
      return Buffer.concat([intRows(column ?? '', [Number(value)]), done(end, COUNTED, 1)])
    }
    if (text === 'select n from two') return Buffer.concat([intRows('n', [1, 2]), done(end, COUNTED, 2)])
    if (text === 'wait for an attention') return undefined
    if (/^(set|insert bulk things)\b/.test(text)) return done(end, 0)
    return failed(end, 102, 15, `Incorrect syntax near '${text.split(' ')[0]}'.`)
  }

  #call(message: Reader): Buffer | undefined {
    const length = message.uint(2)
    const name = length === 0xffff ? NUMBERED[message.uint(2)] : message.text(length)
    message.uint(2)
    const parameters: Parameter[] = []
    while (!message.isAtEnd) {
      const parameter = message.text(message.uint(1))
      message.uint(1)
      parameters.push({ name: parameter, value: message.value() })
    }
    const [first, second, third] = parameters.map(({ value }) => value)
    const [answered, outputs] = ((): [Buffer | undefined, Buffer] => {
      switch (name) {
        case 'sp_executesql':
          return [this.#execute(String(first), parameters, DONE_IN_PROCEDURE), NOTHING]
        case 'sp_prepare': {
          const text = String(third)
          if (!text.replace(COMMENT, '').startsWith('select '))
            return [this.#execute(text, [], DONE_IN_PROCEDURE), NOTHING]
          const handle = this.#statements.size + 1
          this.#statements.set(handle, text)
          this.texts.push(text)
          return [NOTHING, returnValue('@handle', handle)]
        }
        case 'sp_execute':
          return [this.#execute(this.#statements.get(Number(first)) ?? '', parameters, DONE_IN_PROCEDURE), NOTHING]
        case 'sp_unprepare':
          return [NOTHING, NOTHING]
        case 'twice':
          return [intRows('n', [Number(first)]), returnValue('@doubled', Number(first) * 2 + Number(second ?? 0))]
        default:
          return [failed(DONE_IN_PROCEDURE, 2812, 16, `Could not find stored procedure '${name}'.`), NOTHING]
      }
    })()
    if (answered === undefined) return undefined
    const isComplete = answered.length === 0 || name === 'twice'
    return Buffer.concat([
      isComplete ? answered : continued(answered),
      returnStatus(0),
      outputs,
      done(DONE_PROCEDURE, 0),
    ])
  }

  /** 2.2.6.9: the new transaction's name for itself is its descriptor. */
  #transact(request: number): Buffer {
    const before = this.#transaction
    if (request === BEGIN) {
      this.#transaction = uint(before.length + 1, 8)
      return Buffer.concat([envChange(8, this.#transaction, NOTHING), done(DONE, 0)])
    }
    if (request !== COMMIT && request !== ROLLBACK) return done(DONE, 0)
    this.#transaction = NOTHING
    return Buffer.concat([envChange(request === COMMIT ? 9 : 10, NOTHING, before), done(DONE, 0)])
  }
}

/** 2.2.6.5: a table of options, here the version and that there is no encryption, and their values. */
function prelogin(): Buffer {
  const options = [
    [0, 16, 6],
    [1, 22, 1],
    [2, 23, 1],
  ].flatMap(([option, offset, length]) => [option ?? 0, 0, offset ?? 0, 0, length ?? 0])
  const version = [16, 0, 0, 0, 0, 0]
  const [noEncryption, instance] = [2, 0]
  return Buffer.from([...options, 0xff, ...version, noEncryption, instance])
}

/** 2.2.5.3: headers come before what is asked, with their length. */
function skipHeaders(message: Reader): void {
  message.take(message.uint(4) - 4)
}

function failed(end: number, number: number, severity: number, message: string): Buffer {
  return Buffer.concat([error(number, severity, message), done(end, FAILED)])
}

/** Says in the last token, 13 bytes, that more comes. */
function continued(answer: Buffer): Buffer {
  const status = answer.length - 12
  answer.writeUInt16LE(answer.readUInt16LE(status) | MORE, status)
  return answer
}
