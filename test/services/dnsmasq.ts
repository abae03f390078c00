// A name server for the tests, which knows the names of `dd.test` and nothing else: that of DD_TEST_DNS_URL (`dns://host:port`), an
// installed dnsmasq or the Debian package.

import { freePort } from '../support/free-port'
import { type Greeting, greet } from './greeting'
import { fromDebian, startLocalServer } from './local-server'
import { fromEnvironmentOr } from './places'
import type { RunningService, Service } from './service'

const host = '127.0.0.1'
/** Over TCP: a question of 30 bytes, for the TXT record of `version.bind` in the class CHAOS. */
const greeting: Greeting = {
  send: Buffer.from('\0\x1e\0\x01\x01\0\0\x01\0\0\0\0\0\0\x07version\x04bind\0\0\x10\0\x03', 'latin1'),
  expect: /dnsmasq-([\d.]+)/,
}

export const dnsmasq: Service = {
  name: 'dnsmasq',
  start: () =>
    fromEnvironmentOr(
      'DD_TEST_DNS_URL',
      (url) => greet(new URL(url).hostname, Number(new URL(url).port || 53), greeting),
      fromDebian('dnsmasq', 'dnsmasq-base', launch),
    ),
}

async function launch(program: string, from: string): Promise<RunningService> {
  const port = await freePort()
  return startLocalServer({
    name: 'dnsmasq',
    command: (folder) => [
      ...[program, '--keep-in-foreground', '--conf-file=/dev/null', `--pid-file=${folder}/pid`, '--user=root'],
      ...[`--port=${port}`, `--listen-address=${host}`, '--bind-interfaces', '--no-resolv', '--no-hosts'],
      ...['--local=/test/', '--host-record=red.dd.test,10.1.2.3,fd00::3', '--mx-host=dd.test,red.dd.test,5'],
      ...[
        '--txt-record=dd.test,hello',
        '--srv-host=_web._tcp.dd.test,red.dd.test,8080',
        '--cname=ruby.dd.test,red.dd.test',
      ],
    ],
    url: `dns://${host}:${port}`,
    from,
    version: () => greet(host, port, greeting),
  })
}
