// The delays of the timers that are set meanwhile, none of which goes off.

export function recordDelays(): { readonly ms: number[]; stop(): void } {
  const ms: number[] = []
  const { setTimeout } = globalThis
  const set = (_step: () => void, delayMs: number) => {
    ms.push(delayMs)
    const timer = setTimeout(() => {}, 1)
    return timer
  }
  globalThis.setTimeout = set as unknown as typeof setTimeout
  return {
    ms,
    stop() {
      globalThis.setTimeout = setTimeout
    },
  }
}
