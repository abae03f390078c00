// The child processes of the tests, so that none outlives what it was started for, however that ended. A child that was
// started inside a test, its `beforeEach` included, is killed when the test is over; one that was started in a `before`
// hook serves a whole suite and is killed with the run at the latest, also when the run is ended by a signal.
// The root hooks in test/services/hooks.ts tell where a test begins and ends.

import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'

const children = new Map<ChildProcess, { ofTest: boolean; cleanUp: () => void }>()
let insideTest = false
let watching = false

/** `cleanUp` is called once the child is gone, or is certain to go. */
export function registerChild(child: ChildProcess, cleanUp: () => void): void {
  watchTheEnd()
  children.set(child, { ofTest: insideTest, cleanUp })
  for (const event of ['exit', 'error']) child.once(event, () => forget(child))
}

export function testBegins(): void {
  insideTest = true
}

export async function testEnds(): Promise<void> {
  insideTest = false
  const leftOver = [...children].filter(([, { ofTest }]) => ofTest).map(([child]) => child)
  await Promise.all(
    leftOver.map((child) => {
      child.kill('SIGKILL')
      return once(child, 'exit')
    }),
  )
}

export function killChildren(): void {
  for (const child of children.keys()) {
    child.kill('SIGKILL')
    forget(child)
  }
}

function forget(child: ChildProcess): void {
  children.get(child)?.cleanUp()
  children.delete(child)
}

function watchTheEnd(): void {
  if (watching) return
  watching = true
  process.once('exit', killChildren)
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.once(signal, () => {
      killChildren()
      // Without this listener, the second signal does what the first would have done without us.
      process.kill(process.pid, signal)
    })
  }
}
