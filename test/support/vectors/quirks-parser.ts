// Of the Agent's reader of lines there is nothing that ours should not do: a client is well served by the same answers from both.

import type { Quirks } from './run-vectors'

export const quirks: Quirks['quirks'] = {}
