// What `dd` knows of somebody else's emitter or request. One hidden field holds all of it: each field more is one more shape that the
// engine has to tell apart wherever Node or a framework touches the object.

import { hiddenField } from '../base/hidden-field'
import type { Context } from '../trace/context'
import type { Call } from './completion'
import type { WebRequest } from './web-request'

export class Attached {
  /** Where its events belong. */
  context: Context | undefined = undefined
  /** What waits for one of its events. */
  call: Call | undefined = undefined
  /** The request that it is or stands for. */
  web: WebRequest | undefined = undefined
}

const field = hiddenField<Attached>()

export const attachedTo = field.get

/** Attaches nothing that stays to what takes no new properties. */
export function attach(target: object): Attached {
  let attached = field.get(target)
  if (attached === undefined) {
    attached = new Attached()
    field.set(target, attached)
  }
  return attached
}
