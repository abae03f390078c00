// What is redacted of a query and what is left, in every form in which secrets come, and that no query takes long.

import { strict as assert } from 'node:assert'
import { MAX_QUERY_LENGTH, obfuscateQuery } from '../../plugins/http/obfuscate'

describe('obfuscateQuery', () => {
  const github = `gho_${'a1B2'.repeat(9)}`
  const jwt = 'eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0'
  const key = 'MIIBVQIBADANBgkqhkiG9w0BAQEFAASC'
  const rsa = 'AAAAB3NzaC1yc2E'.repeat(7)
  const X = '<redacted>'
  const queries: [query: string, expected: string][] = [
    ...[
      ...['pwd', 'passwd', 'password', 'pass', 'passphrase', 'pass_phrase', 'pass-phrase', 'secret', 'token'],
      ...['api_key', 'apikey', 'api_key_id', 'api-key', 'private_key', 'public_key', 'access_key', 'secret_key'],
      ...['consumer_id', 'consumer_key', 'consumer_secret', 'sign', 'signed', 'signature', 'PassWord'],
      ...['auth', 'authentication', 'authorization', 'access_token', 'user_password'],
    ].map((name): [string, string] => [
      `a=1&${name}=s3cret&z=9`,
      `a=1&${name.replace(/(?<=^access_|^user_)(token|password)|^(?!access_t|user_).*$/, X)}&z=9`,
    ]),
    ['token=', 'token='],
    ['token=a=b%26c', X],
    ['token%3Dabc&b=1', `${X}&b=1`],
    ['next=%2Fin%3Ftoken%3Dabc%26a%3D1&b=1', `next=%2Fin%3F${X}&b=1`],
    ['token%20=abc', X],
    ['user[password]=abc&b=1', `user[${X}&b=1`],
    ['user%5Bpassword%5D=abc', `user%5B${X}`],
    ['token[]=abc&token[]=def', `${X}&${X}`],
    ['q={"password":"s3cret","b":1}', `q={"${X},"b":1}`],
    ['q={"password": "s3cret"}', `q={"${X}}`],
    ['q=%7B%22password%22%3A%22s3%2Fcret%22%2C%22b%22%3A1%7D', `q=%7B%22${X}%2C%22b%22%3A1%7D`],
    ['q=%7B%22password%22%20%3A%20%22s3cret%22%7D', `q=%7B%22${X}%7D`],
    ['q=%7B%22password%22%3A+%22s3cret%22%7D', `q=%7B%22${X}%7D`],
    ['q={"password":"s3\\"cret"}', `q={"${X}}`],
    ['q=%7B%22password%22%3A%22s3%5C%22cret%22%7D', `q=%7B%22${X}%7D`],
    ['q={"password":"s3cre', `q={"${X}`],
    ['h=Bearer%20abc.def-123', `h=${X}`],
    ['h=Bearer+abc.def-123', `h=${X}`],
    ['h=bearer  abc%2Fdef%3D&b=1', `h=${X}&b=1`],
    ['h=token:abcdefghijklm', `h=${X}`],
    ['h=token%3Aabcdefghijklm', `h=${X}`],
    [`h=${github}&b=1`, `h=${X}&b=1`],
    [`h=${jwt}&b=1`, `h=${X}&b=1`],
    [`h=${jwt}.c2ln-X_Y&b=1`, `h=${X}&b=1`],
    [`h%3D${jwt}.c2ln`, `h%3D${X}`],
    [`h=session_${jwt}`, `h=session_${X}`],
    [`k=-----BEGIN PRIVATE KEY-----\n${key}\n-----END PRIVATE KEY-----&b=1`, `k=${X}&b=1`],
    [`k=-----BEGIN%20RSA%20PRIVATE%20KEY-----%0A${key}%0A-----END%20RSA%20PRIVATE%20KEY-----%0A&b=1`, `k=${X}&b=1`],
    [`k=-----BEGIN+EC+PRIVATE+KEY-----%0A${key}%0A-----END+EC+PRIVATE+KEY-----&b=1`, `k=${X}&b=1`],
    [`k=ssh-rsa ${rsa}&b=1`, `k=${X}&b=1`],
    [`k=ssh-rsa%20${rsa}&b=1`, `k=${X}&b=1`],
    [`k=ssh-rsa+${rsa}&b=1`, `k=${X}&b=1`],
    ...[
      ...['', 'a', 'a=1&b=2', 'q=red+shoes&page=2', 'author=me', 'tokens=5', 'signal=1', 'authors[]=a', 'passenger=2'],
      ...['q={"name":"x"}', 'h=bear%20abc', 'gho_short', 'eyJhbGciOi', 'a=eyes.eye', 'ssh-rsa%20short', 'key=1'],
      ...['k=-----BEGIN%20PUBLIC%20KEY-----', 'password', 'password&a=1', 'token:short', 'q=%22secret%22'],
    ].map((query): [string, string] => [query, query]),
  ]
  for (const [query, expected] of queries) {
    const shown = query.length > 60 ? `${query.slice(0, 60)}…` : query || 'nothing'
    it(`${query === expected ? 'leaves' : 'redacts'} ${shown.replaceAll('\n', '\\n')}`, () => {
      assert.equal(obfuscateQuery(`http://h/p?${query}`), `http://h/p?${expected}`)
      assert.equal(obfuscateQuery(`http://h/${query.replaceAll('?', '')}`), `http://h/${query.replaceAll('?', '')}`)
    })
  }

  const cut: [name: string, query: string, expected: string][] = [
    ['keeps a query that just fits', 'a'.repeat(MAX_QUERY_LENGTH), 'a'.repeat(MAX_QUERY_LENGTH)],
    ['drops one that is a character longer', 'a'.repeat(MAX_QUERY_LENGTH + 1), ''],
    ['drops only the parameters that do not fit', `a=1&${'b'.repeat(MAX_QUERY_LENGTH)}`, 'a=1'],
    ['keeps what ends where the cut is', `${'a'.repeat(MAX_QUERY_LENGTH)}&b`, 'a'.repeat(MAX_QUERY_LENGTH)],
    ['leaves no half of a secret', `a&${'b'.repeat(MAX_QUERY_LENGTH - 30)}&h=${github}`, `a&${'b'.repeat(4066)}`],
    ['knows JSON that the cut breaks off', `q={"secret":"x&${'y'.repeat(MAX_QUERY_LENGTH)}"}`, `q={"${X}`],
  ]
  for (const [name, query, expected] of cut) {
    it(name, () => assert.equal(obfuscateQuery(`/?${query}`), `/?${expected}`))
  }

  it('cuts the whole query for .*, and redacts only what a pattern of the program says', () => {
    assert.equal(obfuscateQuery('/a?token=b', /.*/gi), '/a')
    assert.equal(obfuscateQuery('/a?token=b&c=d', /c=\w/g), '/a?token=b&<redacted>')
    assert.equal(obfuscateQuery('/a?token=b', /(?!)/g), '/a?token=b')
  })

  const parts = [
    'eyI',
    '.eyI',
    'eyI-',
    'token',
    'token%20',
    'token"',
    'token":"%2',
    'token%22%3A%22%5C',
    'bearer ',
    '%2',
  ]
  const more = ['-----begin', '-----begin private key-----', 'ssh-rsa+', 'token[', 'a=', 'private', '%5C', 'gho_', '=&']
  for (const part of [...parts, ...more]) {
    it(`takes no time for 100 kB of ${part}`, () => {
      const url = `/?${part.repeat(100_000 / part.length)}&${part.repeat(MAX_QUERY_LENGTH / part.length - 1)}`
      const short = `/?${url.slice(-MAX_QUERY_LENGTH)}`
      const times = Array.from({ length: 5 }, () => {
        const begin = performance.now()
        obfuscateQuery(url)
        obfuscateQuery(short)
        return performance.now() - begin
      })
      // Text of this length that is searched from each of its letters takes longer.
      assert.ok(Math.min(...times) < 3, `${times} ms`)
    })
  }
})
