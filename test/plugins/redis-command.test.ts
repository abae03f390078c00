// The text of a Redis command: its limits, and the secrets that do not belong in it.

import { strict as assert } from 'node:assert'
import { MAX_ARGUMENT_CHARACTERS, MAX_COMMAND_CHARACTERS, rawCommand } from '../../plugins/redis/command'

describe('the text of a Redis command', () => {
  it('has texts and numbers as they are, and nothing of anything else', () => {
    const args = ['key', 7, Buffer.from('secret'), null, undefined, { a: 1 }, ['b'], true, '']
    assert.equal(rawCommand('SET', args), 'SET key 7 ? ? ? ? ? ? ')
  })

  it('begins where the arguments do', () => {
    assert.equal(rawCommand('GET', ['GET', 'key'], 1), 'GET key')
    assert.equal(rawCommand('CONFIG', ['config', 'set', 'requirepass', 'secret'], 1), 'CONFIG set requirepass ?')
  })

  it('cuts what is too long, and nothing shorter', () => {
    const fits = 'a'.repeat(MAX_ARGUMENT_CHARACTERS)
    assert.equal(rawCommand('GET', [fits]), `GET ${fits}`)
    assert.equal(rawCommand('GET', [`${fits}a`]), `GET ${fits.slice(3)}...`)

    const most = Array.from({ length: 9 }, () => fits)
    const rest = 'b'.repeat(MAX_COMMAND_CHARACTERS - 'DEL'.length - 9 * (MAX_ARGUMENT_CHARACTERS + 1) - 1)
    const whole = `DEL ${most.join(' ')} ${rest}`
    assert.equal(whole.length, MAX_COMMAND_CHARACTERS)
    assert.equal(rawCommand('DEL', [...most, rest]), whole)
    assert.equal(rawCommand('DEL', [...most, `${rest}b`]), `${whole.slice(0, -3)}...`)
    assert.equal(rawCommand('X'.repeat(5000), []).length, MAX_COMMAND_CHARACTERS)
  })

  it('does not look at arguments beyond its end', () => {
    const args = new Proxy(
      Array.from({ length: 100_000 }, () => 'key'),
      {
        get(target, key) {
          if (Number(key) > MAX_COMMAND_CHARACTERS) throw new Error(`looked at ${String(key)}`)
          return Reflect.get(target, key)
        },
      },
    )
    assert.equal(rawCommand('DEL', args).length, MAX_COMMAND_CHARACTERS)
  })

  const rows: [name: string, args: unknown[], text: string][] = [
    ['AUTH', ['secret'], 'AUTH'],
    ['AUTH', ['user', 12345], 'AUTH'],
    ['HELLO', ['3', 'AUTH', 'user', 'secret', 'SETNAME', 'me'], 'HELLO 3 AUTH ? ? SETNAME me'],
    ['HELLO', [3, 'auth', 'user', 12345], 'HELLO 3 auth ? ?'],
    ['HELLO', ['3', Buffer.from('AUTH'), 'user', 'secret'], 'HELLO 3 ? ? ?'],
    ['HELLO', ['3'], 'HELLO 3'],
    ['ACL', ['SETUSER', 'user', 'on', '>secret', '+@all'], 'ACL SETUSER user ? ? ?'],
    ['ACL', ['setuser', 'user', '#secret'], 'ACL setuser user ?'],
    ['ACL', ['WHOAMI'], 'ACL WHOAMI'],
    ['ACL', ['DELUSER', 'one', 'two', 'three'], 'ACL DELUSER one two three'],
    ['CONFIG', ['SET', 'requirepass', 'secret'], 'CONFIG SET requirepass ?'],
    ['CONFIG', ['SET', 'maxmemory', '1gb', 'masterauth', 'secret'], 'CONFIG SET maxmemory 1gb masterauth ?'],
    ['CONFIG', ['SET', 'masterauth', 'secret', 'maxmemory', '1gb'], 'CONFIG SET masterauth ? maxmemory 1gb'],
    ['CONFIG', ['SET', 'tls-key-file-pass', 'secret'], 'CONFIG SET tls-key-file-pass ?'],
    ['CONFIG', ['GET', 'requirepass', 'masterauth'], 'CONFIG GET requirepass masterauth'],
    ['MIGRATE', ['host', 6379, '', 0, 9, 'AUTH', 'secret', 'KEYS', 'a'], 'MIGRATE host 6379  0 9 AUTH ? KEYS a'],
    ['MIGRATE', ['host', 6379, 'key', 0, 9, 'auth2', 'user', 'secret'], 'MIGRATE host 6379 key 0 9 auth2 ? ?'],
    ['SENTINEL', ['SET', 'main', 'auth-pass', 'secret', 'quorum', '2'], 'SENTINEL SET main auth-pass ? quorum 2'],
    ['SENTINEL', ['CONFIG', 'SET', 'sentinel-pass', 'secret'], 'SENTINEL CONFIG SET sentinel-pass ?'],
    ['SET', ['AUTH', 'secret'], 'SET AUTH secret'],
  ]
  for (const [name, args, text] of rows) {
    it(`says "${text}"`, () => assert.equal(rawCommand(name, args), text))
  }
})
