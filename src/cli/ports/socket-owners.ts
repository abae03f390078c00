// Which process has a socket, as Linux tells in /proc: the tables of sockets have an inode, and the open files of a process name theirs.
//
// Of processes of other users only the inode is told, so there may be no answer; other systems have no /proc at all.

import { readdirSync, readFileSync, readlinkSync } from 'node:fs'

export interface Owner {
  readonly pid: number
  /** The beginning of what it was started with. */
  readonly command: string
}

/** Of a command line this much is recognized. */
const MAX_COMMAND = 60

/** Sockets that wait for connections, in hexadecimal. */
const TCP_LISTEN = '0A'

/** Who listens on a TCP port or receives on a UDP port; undefined where the system does not say. */
export function ownerOfPort(protocol: 'tcp' | 'udp', port: number): Owner | undefined {
  const wanted = port.toString(16).toUpperCase().padStart(4, '0')
  for (const table of [protocol, `${protocol}6`]) {
    for (const line of linesOf(`/proc/net/${table}`)) {
      const [, local = '', , state, , , , , , inode] = line.trim().split(/\s+/)
      if (!local.endsWith(`:${wanted}`) || (protocol === 'tcp' && state !== TCP_LISTEN)) continue
      const owner = ownerOfInode(inode)
      if (owner !== undefined) return owner
    }
  }
  return undefined
}

/** Who listens on a Unix socket. */
export function ownerOfPath(path: string): Owner | undefined {
  for (const line of linesOf('/proc/net/unix')) {
    const [, , , , , , inode, ...words] = line.split(/ +/)
    if (words.join(' ') !== path) continue
    const owner = ownerOfInode(inode)
    if (owner !== undefined) return owner
  }
  return undefined
}

function ownerOfInode(inode: string | undefined): Owner | undefined {
  if (inode === undefined || inode === '0') return undefined
  const link = `socket:[${inode}]`
  for (const pid of namesIn('/proc')) {
    if (!/^\d+$/.test(pid)) continue
    const folder = `/proc/${pid}/fd`
    if (namesIn(folder).some((file) => targetOf(`${folder}/${file}`) === link)) {
      return { pid: Number(pid), command: commandOf(pid) }
    }
  }
  return undefined
}

function commandOf(pid: string): string {
  const line = linesOf(`/proc/${pid}/cmdline`).join(' ').replaceAll('\0', ' ').trim()
  const command = line || linesOf(`/proc/${pid}/comm`).join('')
  return command.length > MAX_COMMAND ? `${command.slice(0, MAX_COMMAND)}…` : command
}

/** None of a file that is not there any more, or not for us. */
function linesOf(file: string): string[] {
  try {
    return readFileSync(file, 'utf8').split('\n')
  } catch {
    return []
  }
}

function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder)
  } catch {
    return []
  }
}

function targetOf(link: string): string {
  try {
    return readlinkSync(link)
  } catch {
    return ''
  }
}
