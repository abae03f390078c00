// Bunyan: the ids of the active span in each record, as `dd`, for streams of text and raw ones alike.

import { definePlugin, type Patcher } from '../src/plugin'
import { withContext } from './log-record'

type Emitted = [record: unknown, ...rest: unknown[]]

function patchLoggers({ prototype }: { prototype: { _emit(...args: Emitted): unknown } }, patcher: Patcher): void {
  patcher.wrap(prototype, '_emit', (original) => {
    return {
      _emit(this: unknown, ...args: Emitted) {
        const record = patcher.guarded('_emit', () => withContext(args[0], patcher))
        if (record !== undefined) args[0] = record
        return Reflect.apply(original, this, args)
      },
    }._emit
  })
}

export default definePlugin({
  name: 'bunyan',
  hooks: [{ module: 'bunyan', versions: '>=1 <3', file: 'lib/bunyan.js', patch: patchLoggers }],
})
