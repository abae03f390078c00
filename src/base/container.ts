// Finds out in which container this process runs.
//
// Source: Datadog's container id detection, the same in its tracers and DogStatsD clients: the last part of a path in
// /proc/self/cgroup that looks like an id; else the one in the path of a mounted `hostname` file; else the inode of the cgroup's folder.

import { readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'

const HEX_64 = '[0-9a-f]{64}'
const UUID = '[0-9a-f]{8}[-_][0-9a-f]{4}[-_][0-9a-f]{4}[-_][0-9a-f]{4}[-_][0-9a-f]{12}'
const GARDEN = '[0-9a-f]{8}(?:-[0-9a-f]{4}){4}'
const TASK = '[0-9a-f]{32}-\\d+'
const LINE = new RegExp(`/(?:[^/]*?)(${UUID}|${HEX_64}|${TASK}|${GARDEN})(?:\\.scope)?$`)
/** The mount of a file that container engines put into a container; a sandbox is another container. */
const MOUNT = new RegExp(`.*/([^\\s/]+)/(${HEX_64}|${TASK}|${GARDEN})/[^\\s]*hostname`)

/** The inode of the host's cgroup namespace (Linux, `PROC_CGROUP_INIT_INO`). */
const HOST_NAMESPACE = 0xeffffffb

export interface Container {
  readonly id?: string
  /** Of the cgroup's folder, where the id is not known. */
  readonly inode?: number
}

/**
 * Empty outside of a container, or where /proc cannot be read.
 * @param procFolder what is known of this process: /proc/self
 */
export function findContainer(procFolder = '/proc/self', cgroupRoot = '/sys/fs/cgroup'): Container {
  const lines = linesOf(join(procFolder, 'cgroup'))
  for (const line of lines) {
    const id = LINE.exec(line)?.[1]
    if (id !== undefined) return { id }
  }
  for (const line of linesOf(join(procFolder, 'mountinfo'))) {
    const [, folder, id] = MOUNT.exec(line) ?? []
    if (id !== undefined && folder !== 'sandboxes') return { id }
  }
  return inodeOf(lines, procFolder, cgroupRoot)
}

function inodeOf(lines: readonly string[], procFolder: string, cgroupRoot: string): Container {
  if (inode(join(procFolder, 'ns', 'cgroup')) === HOST_NAMESPACE) return {}
  for (const line of lines) {
    const [, controller, ...path] = line.split(':')
    // One tree for all controllers, or that of the memory.
    if (path.length === 0 || (controller !== '' && controller !== 'memory')) continue
    const found = inode(join(cgroupRoot, controller ?? '', path.join(':')))
    // A container sees its own folder as the root; only the host's root has the inode 1.
    if (found !== undefined && found > 1) return { inode: found }
  }
  return {}
}

function linesOf(file: string): readonly string[] {
  try {
    return readFileSync(file, 'utf8').trim().split('\n')
  } catch {
    return []
  }
}

function inode(path: string): number | undefined {
  try {
    return statSync(path).ino
  } catch {
    return undefined
  }
}
