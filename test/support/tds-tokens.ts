// The words of TDS, the protocol of SQL Server, that our stand-in for it (tds-server.ts) reads and writes.
//
// Source: Microsoft, "[MS-TDS]: Tabular Data Stream Protocol", sections 2.2.5 (data types) and 2.2.7 (tokens).

/** Reads a message from its first byte on. */
export class Reader {
  #at = 0

  constructor(private readonly bytes: Buffer) {}

  get isAtEnd(): boolean {
    return this.#at >= this.bytes.length
  }

  uint(bytes: 1 | 2 | 4): number {
    return this.take(bytes).readUIntLE(0, bytes)
  }

  take(length: number): Buffer {
    if (this.#at + length > this.bytes.length) throw new RangeError(`TDS: ${length} bytes are missing at ${this.#at}`)
    this.#at += length
    return this.bytes.subarray(this.#at - length, this.#at)
  }

  text(characters: number): string {
    return this.take(characters * 2).toString('utf16le')
  }

  rest(): Buffer {
    return this.take(this.bytes.length - this.#at)
  }

  /** 2.2.5.4 and 2.2.5.5: a type and a value of it; INTN and NVARCHAR are all we know. */
  value(): unknown {
    return this.type()()
  }

  /** Reads a type; returns what reads its values. */
  type(): () => number | string | null {
    const id = this.uint(1)
    if (id === INTN) {
      this.uint(1)
      return () => {
        const length = this.uint(1)
        return length === 0 ? null : this.take(length).readIntLE(0, length)
      }
    }
    if (id !== NVARCHAR) throw new RangeError(`TDS: a value of type 0x${id.toString(16)}`)
    const isPartial = this.uint(2) === 0xffff
    this.take(COLLATION.length)
    return () => (isPartial ? this.#chunks() : this.#whole())
  }

  #whole(): string | null {
    const length = this.uint(2)
    return length === 0xffff ? null : this.text(length / 2)
  }

  /** 2.2.5.2.3: a length of 8 bytes, then chunks, the last of them empty. */
  #chunks(): string | null {
    if (this.take(8).every((byte) => byte === 0xff)) return null
    const chunks: Buffer[] = []
    for (let length = this.uint(4); length > 0; length = this.uint(4)) chunks.push(this.take(length))
    return Buffer.concat(chunks).toString('utf16le')
  }
}

const INTN = 0x26
const NVARCHAR = 0xe7
/** Latin1_General_CI_AS. */
const COLLATION = Buffer.from([0x09, 0x04, 0xd0, 0x00, 0x34])
const NONE = Buffer.alloc(0)

export const byte = (value: number) => Buffer.from([value])

export function uint(value: number, bytes: 2 | 4 | 8): Buffer {
  const buffer = Buffer.alloc(bytes)
  buffer.writeUIntLE(value, 0, Math.min(bytes, 6))
  return buffer
}

const ucs2 = (text: string) => Buffer.from(text, 'utf16le')
const shortText = (text: string) => Buffer.concat([byte(text.length), ucs2(text)])
const longText = (text: string) => Buffer.concat([uint(text.length, 2), ucs2(text)])
const shortBytes = (bytes: Buffer) => Buffer.concat([byte(bytes.length), bytes])

function withLength(token: number, ...parts: Buffer[]): Buffer {
  const body = Buffer.concat(parts)
  return Buffer.concat([byte(token), uint(body.length, 2), body])
}

/** 2.2.7.9 ENVCHANGE, of texts or of bytes. */
export function envChange(type: number, now: string | Buffer, before: string | Buffer): Buffer {
  const parts = [now, before].map((value) => (typeof value === 'string' ? shortText(value) : shortBytes(value)))
  return withLength(0xe3, byte(type), ...parts)
}

export const collationChange = () => envChange(7, COLLATION, NONE)

/** 2.2.7.14 LOGINACK: TDS 7.4. */
export function loginAck(program: string): Buffer {
  return withLength(0xad, byte(1), Buffer.from([0x74, 0, 0, 4]), shortText(program), Buffer.from([1, 0, 0, 0]))
}

/** 2.2.7.10 ERROR. */
export function error(number: number, severity: number, message: string): Buffer {
  const [server, procedure, line] = [shortText('stand-in'), shortText(''), uint(1, 4)]
  return withLength(0xaa, uint(number, 4), byte(1), byte(severity), longText(message), server, procedure, line)
}

/** 2.2.7.6 to 2.2.7.8: the ends of a batch, of a procedure, of a statement inside it. */
export const DONE = 0xfd
export const DONE_PROCEDURE = 0xfe
export const DONE_IN_PROCEDURE = 0xff

export const MORE = 0x01
export const FAILED = 0x02
export const COUNTED = 0x10
export const ATTENTION = 0x20

export function done(token: number, status: number, rows = 0): Buffer {
  return Buffer.concat([byte(token), uint(status, 2), uint(0, 2), uint(rows, 8)])
}

const intType = () => Buffer.from([INTN, 4])
const intValue = (value: number) => Buffer.concat([byte(4), uint(value, 4)])
const typed = () => Buffer.concat([uint(0, 4), uint(1, 2), intType()])

/** 2.2.7.4 COLMETADATA of one column of integers, and 2.2.7.19 ROW. */
export function intRows(column: string, values: readonly number[]): Buffer {
  const rows = values.map((value) => Buffer.concat([byte(0xd1), intValue(value)]))
  return Buffer.concat([byte(0x81), uint(1, 2), typed(), shortText(column), ...rows])
}

/** 2.2.7.18 RETURNVALUE, of an output parameter. */
export function returnValue(name: string, value: number): Buffer {
  return Buffer.concat([byte(0xac), uint(0, 2), shortText(name), byte(1), typed(), intValue(value)])
}

/** 2.2.7.16 RETURNSTATUS. */
export const returnStatus = (status: number) => Buffer.concat([byte(0x79), uint(status, 4)])

/** Counts the rows of a bulk load, which come as the server's own do. */
export function countRows(reader: Reader): number {
  let columns: (() => unknown)[] = []
  let count = 0
  while (!reader.isAtEnd) {
    const token = reader.uint(1)
    if (token === 0x81) {
      columns = Array.from({ length: reader.uint(2) }, () => {
        reader.take(6)
        const read = reader.type()
        reader.text(reader.uint(1))
        return read
      })
    } else if (token === 0xd1) {
      for (const read of columns) read()
      count++
    } else if (token === DONE) reader.rest()
    else throw new RangeError(`TDS: token 0x${token.toString(16)} in a bulk load`)
  }
  return count
}
