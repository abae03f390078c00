// Parses a JSON body without losing digits: ids and times above 2^53 become strings, where `JSON.parse` would round.
//
// It measures the nesting and counts the values first, because the parser needs memory for each open bracket and a body can be 25 MB of them.

import { Refusal } from './refusal'

export interface JsonForm {
  readonly maxDepth: number
  /** Commas and opening brackets. */
  readonly maxValues: number
  /** Of a key, and behind it an integer too long for a number. A quote inside a text never looks like this. */
  readonly longIntegers: RegExp
}

/** Datadog's formats: as deep as a span may be in MessagePack, and the two lists around it. */
const DATADOG: JsonForm = {
  maxDepth: 18,
  // The longest body of Datadog's API may hold that many.
  maxValues: 32_000_000,
  longIntegers:
    /("(?:trace_id|trace_id_high|span_id|parent_id|start|duration|time_unix_nano)"\s*:\s*)(-?\d{16,20})(?=\s*[,}])/g,
}

export function parseExactJson(body: Buffer, form: JsonForm = DATADOG): unknown {
  mustBeBounded(body, form)
  try {
    return JSON.parse(body.toString('utf8').replace(form.longIntegers, '$1"$2"'))
  } catch (error) {
    throw new Refusal(400, `the body is not JSON: ${(error as Error).message}`)
  }
}

function mustBeBounded(body: Buffer, { maxDepth, maxValues }: JsonForm): void {
  let open = 0
  let values = 0
  let inText = false
  for (let offset = 0; offset < body.length; offset++) {
    const character = body[offset]
    if (inText) {
      if (character === 0x5c) offset++
      else if (character === 0x22) inText = false
    } else if (character === 0x22) inText = true
    else if (character === 0x2c) values++
    else if (character === 0x5b || character === 0x7b) {
      values++
      if (++open > maxDepth) throw new Refusal(400, `values are nested more than ${maxDepth} deep`)
    } else if (character === 0x5d || character === 0x7d) open--
  }
  if (values > maxValues) throw new Refusal(400, `more than ${maxValues} values in one body`)
}
