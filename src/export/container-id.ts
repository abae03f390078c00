// Tells the Agent in which container this process runs, so that it can add the container's tags.

import { findContainer } from '../base/container'

/** The headers that name the container; none outside of one, or where /proc cannot be read. */
export function containerHeaders(procFolder?: string, cgroupRoot?: string): Record<string, string> {
  const { id, inode } = findContainer(procFolder, cgroupRoot)
  if (id !== undefined) return { 'Datadog-Container-ID': id, 'Datadog-Entity-ID': `ci-${id}` }
  return inode === undefined ? {} : { 'Datadog-Entity-ID': `in-${inode}` }
}
