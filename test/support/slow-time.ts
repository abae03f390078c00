// Not a module but a preload, `--require`: for the program a second lasts ten, wherever something waits for at least one. What has a second
// at the end of a process to be sent then is sent also on a machine that is busy with much else, and a wait that ends early ends as early.

const FACTOR = 10
/** What is shorter waits for no answer. */
const LEAST_MS = 1000

const { setTimeout } = globalThis
const { wait } = Atomics
const { now } = performance
const { uptime } = process

const stretched = (ms: number | undefined) => (ms !== undefined && ms >= LEAST_MS ? ms * FACTOR : ms)

globalThis.setTimeout = ((step: () => void, ms?: number, ...args: []) =>
  setTimeout(step, stretched(ms), ...args)) as typeof setTimeout
Atomics.wait = ((array: Int32Array, index: number, value: number, ms?: number) =>
  wait(array, index, value, ms === undefined ? undefined : ms * FACTOR)) as typeof wait
performance.now = () => Reflect.apply(now, performance, []) / FACTOR
process.uptime = () => Reflect.apply(uptime, process, []) / FACTOR
