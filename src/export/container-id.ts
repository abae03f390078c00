// Tells the Agent in which container this process runs, so that it can add the container's tags.
//
// Source: Datadog's container id detection, the same in all tracers: the last part of a path in /proc/self/cgroup that looks
// like an id; where there is none, the inode of the cgroup's folder.

import { readFileSync, statSync } from 'node:fs'

const HEX_64 = '[0-9a-f]{64}'
const UUID = '[0-9a-f]{8}[-_][0-9a-f]{4}[-_][0-9a-f]{4}[-_][0-9a-f]{4}[-_][0-9a-f]{12}'
const GARDEN = '[0-9a-f]{8}(?:-[0-9a-f]{4}){4}'
const TASK = '[0-9a-f]{32}-\\d+'
const LINE = new RegExp(`/(?:[^/]*?)(${UUID}|${HEX_64}|${TASK}|${GARDEN})(?:\\.scope)?$`)

/** The headers that name the container; none outside of one, or where /proc cannot be read. */
export function containerHeaders(
  cgroupFile = '/proc/self/cgroup',
  cgroupRoot = '/sys/fs/cgroup',
): Record<string, string> {
  try {
    const lines = readFileSync(cgroupFile, 'utf8').trim().split('\n')
    for (const line of lines) {
      const id = LINE.exec(line)?.[1]
      if (id !== undefined) return { 'Datadog-Container-ID': id, 'Datadog-Entity-ID': `ci-${id}` }
    }
    const path = lines[0]?.split(':').slice(2).join(':')
    if (path === undefined || path === '') return {}
    // A container sees its own folder as the root; only the host's root has the inode 1.
    const { ino } = statSync(cgroupRoot + path)
    return ino === 1 ? {} : { 'Datadog-Entity-ID': `in-${ino}` }
  } catch {
    return {}
  }
}
