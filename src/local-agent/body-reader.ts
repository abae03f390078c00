// Reads request bodies into memory: each one bounded, and all that are under way together bounded too.
//
// A body that is too long is not kept but read to its end, because a client only looks at the reply when it is done
// sending.

import type { Readable } from 'node:stream'
import { Refusal } from './refusal'

/** What the Agent takes. */
export const MAX_BODY_BYTES = 25 * 1024 * 1024

/** Four of the longest bodies at once; the Agent answers 429 as well when its decoders are busy. */
const MAX_HELD_BYTES = 4 * MAX_BODY_BYTES

export class BodyReader {
  #heldBytes = 0

  /** @param maxBytes of this body, which may be reached */
  read(request: Readable, maxBytes = MAX_BODY_BYTES): Promise<Buffer> {
    return new Promise<Buffer>((resolve, reject) => {
      const parts: Buffer[] = []
      let bytes = 0
      const release = () => {
        this.#heldBytes -= bytes
        bytes = 0
        request.removeListener('data', take)
      }
      const refuse = (status: number, reason: string) => {
        release()
        parts.length = 0
        request.resume()
        reject(new Refusal(status, reason))
      }
      const take = (part: Buffer) => {
        parts.push(part)
        bytes += part.length
        this.#heldBytes += part.length
        if (bytes > maxBytes) refuse(413, `a body may have ${maxBytes} bytes`)
        else if (this.#heldBytes > MAX_HELD_BYTES) refuse(429, 'too many bodies at once')
      }
      request.on('data', take)
      request.once('end', () => {
        release()
        resolve(Buffer.concat(parts))
      })
      request.once('close', () => {
        release()
        reject(new Refusal(400, 'the request ended before its body'))
      })
    })
  }
}
