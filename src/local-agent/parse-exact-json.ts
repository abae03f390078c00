// Parses a JSON body without losing digits: ids and times above 2^53 become strings, where `JSON.parse` would round.
//
// It measures the nesting first, because the parser needs memory for each open bracket and a body can be 25 MB of them.

import { Refusal } from './refusal'

/** As deep as a span may be in MessagePack, and the two lists around it. */
const MAX_DEPTH = 18

/** A key of our formats, and behind it an integer too long for a number. A quote inside a text never looks like this. */
const LONG_INTEGER =
  /("(?:trace_id|trace_id_high|span_id|parent_id|start|duration|time_unix_nano)"\s*:\s*)(-?\d{16,20})(?=\s*[,}])/g

export function parseExactJson(body: Buffer): unknown {
  if (depth(body) > MAX_DEPTH) throw new Refusal(400, `values are nested more than ${MAX_DEPTH} deep`)
  try {
    return JSON.parse(body.toString('utf8').replace(LONG_INTEGER, '$1"$2"'))
  } catch (error) {
    throw new Refusal(400, `the body is not JSON: ${(error as Error).message}`)
  }
}

function depth(body: Buffer): number {
  let open = 0
  let deepest = 0
  let inText = false
  for (let offset = 0; offset < body.length; offset++) {
    const character = body[offset]
    if (inText) {
      if (character === 0x5c) offset++
      else if (character === 0x22) inText = false
    } else if (character === 0x22) inText = true
    else if (character === 0x5b || character === 0x7b) deepest = Math.max(deepest, ++open)
    else if (character === 0x5d || character === 0x7d) open--
  }
  return deepest
}
