// The list in which files of bundles and ES modules announce themselves: it works without `dd`, before it and after it, and never throws
// into the line that announces.

import { strict as assert } from 'node:assert'
import { announcedFiles, announcement, onAnnouncedFile } from '../../src/plugin/announced-files'
import { collectLog } from '../support/log-lines'

const pg = { name: 'pg', folder: '', version: '8.0.3', file: 'lib/client.js' }

/** Runs the line as a file would that has this `module`. */
function announce(line: string, module: object = { exports: {} }): void {
  new Function('module', line)(module)
}

describe('a file that announces itself', () => {
  const lines = collectLog()
  const stops: (() => void)[] = []
  const listen = (listener: Parameters<typeof onAnnouncedFile>[0]) => stops.push(onAnnouncedFile(listener))
  afterEach(() => {
    for (const stop of stops.splice(0)) stop()
    Reflect.deleteProperty(globalThis, Symbol.for('dd.files'))
  })

  it('is kept until somebody asks', () => {
    const module = { exports: { a: 1 } }
    announce(announcement(pg, { module: 'module' }), module)
    const [[file, given] = []] = announcedFiles()
    assert.deepEqual([file?.name, file?.version, file?.file], ['pg', '8.0.3', 'lib/client.js'])
    assert.equal(given, module)
  })

  it('is told to whoever listens, until they stop', () => {
    const told: string[] = []
    announce(announcement({ ...pg, file: 'before.js' }))
    listen(({ file }) => told.push(file))
    announce(announcement(pg))
    stops.pop()?.()
    announce(announcement({ ...pg, file: 'after.js' }))
    assert.deepEqual(told, ['lib/client.js'])
    assert.equal([...announcedFiles()].length, 3)
  })

  it('hands over exports that can be replaced', () => {
    listen((_file, { exports }) => {
      ;(exports as Record<string, unknown>)['make'] = 'replaced'
    })
    const replaced: unknown[] = []
    const setters = '{make:(value)=>module.replaced.push(value)}'
    announce(announcement(pg, { module: 'module', setters }), { exports: Object.freeze({ make: 'made' }), replaced })
    assert.deepEqual(replaced, ['replaced'])
  })

  it('does not suffer from a listener', () => {
    listen(() => {
      throw new RangeError('wrong')
    })
    announce(announcement(pg))
    assert.equal(lines.length, 1)
    assert.match(lines[0] ?? '', /RangeError: wrong/)
  })
})
