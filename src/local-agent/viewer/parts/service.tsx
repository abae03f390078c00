// A service's name with its colour, the same in every view.

import type { JSX } from 'preact'
import { colourClass } from '../base/service-colour'

export const Service = ({ name }: { name: string }): JSX.Element => (
  <span class={`service ${colourClass(name)}`} title={name}>
    {name}
  </span>
)
