// What is told of a command: as much as the limit allows, and no secrets.

import { strict as assert } from 'node:assert'
import { lineText, MAX_COMMAND_CHARS, wordsText } from '../../plugins/child-process/command-text'

describe('the text of a command', () => {
  const lines: [line: string, text: string][] = [
    ['ls -la /tmp | wc -l', 'ls -la /tmp | wc -l'],
    ['login --password=hunter2 --user me', 'login --password=? --user me'],
    ['login --password hunter2 --user me', 'login --password ? --user me'],
    ['login --password "hunter 2" -v', 'login --password ? -v'],
    ["login --api-key='hunter 2'", 'login --api-key=?'],
    ['login --token --verbose', 'login --token --verbose'],
    ['PGPASSWORD=hunter2 psql && NAME="a b" env', 'PGPASSWORD=? psql && NAME=? env'],
    ['export MYSQL_PWD=hunter2;mysql', 'export MYSQL_PWD=?;mysql'],
    ['git clone https://me:hunter2@example.com/x.git', 'git clone https://?@example.com/x.git'],
    ['curl -H "Authorization: Basic hunter2" x.com', 'curl -H "Authorization: ?" x.com'],
    ['say bearer hunter2', 'say bearer ?'],
    ['login --password "hunter2', 'login --password ?'],
  ]
  for (const [line, text] of lines) {
    it(`of ${line}`, () => assert.deepEqual(lineText(line), { text, isCut: false }))
  }

  const words: [words: string[], text: string[]][] = [
    [
      ['ls', '-la', 'a=b'],
      ['ls', '-la', 'a=b'],
    ],
    [
      ['x', '--password', 'hunter 2', '-v'],
      ['x', '--password', '?', '-v'],
    ],
    [
      ['x', '--password', '-v'],
      ['x', '--password', '-v'],
    ],
    [
      ['x', '--db-password=hunter2', '--client-secret=hunter2'],
      ['x', '--db-password=?', '--client-secret=?'],
    ],
    [
      ['curl', '-H', 'Authorization: Bearer hunter2'],
      ['curl', '-H', 'Authorization: ?'],
    ],
    [
      ['git', 'https://me:hunter2@example.com'],
      ['git', 'https://?@example.com'],
    ],
  ]
  for (const [given, text] of words) {
    it(`of ${given.join(' ')}`, () => assert.deepEqual(wordsText(given), { text: JSON.stringify(text), isCut: false }))
  }

  it(`has ${MAX_COMMAND_CHARS} characters at most`, () => {
    const fits = 'x'.repeat(MAX_COMMAND_CHARS)
    assert.deepEqual(lineText(fits), { text: fits, isCut: false })
    assert.deepEqual(lineText(`${fits}x`), { text: fits, isCut: true })
    const halves = [fits.slice(0, 96), fits.slice(96)]
    assert.deepEqual(wordsText(halves), { text: JSON.stringify(halves), isCut: false })
    assert.deepEqual(wordsText([halves[0], `${halves[1]}x`]), { text: JSON.stringify(halves), isCut: true })
    assert.deepEqual(wordsText([...halves, 'x']), { text: JSON.stringify(halves), isCut: true })
  })

  it('is soon made, whatever the command', () => {
    for (const part of ['token', '-token-', 'a://', '--secret ', 'A=', '"', 'authorization:', "'"]) {
      const line = part.repeat(MAX_COMMAND_CHARS)
      const start = performance.now()
      lineText(line)
      wordsText([line])
      assert.ok(performance.now() - start < 500, part)
    }
  })
})
