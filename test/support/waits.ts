import type { TestContext } from 'node:test'

/** Waits of one length that are under way: they never end by themselves, until it is said that their time has passed. */
export interface Waits {
  readonly count: number
  pass(): void
}

/** From now on holds every `setTimeout` of this length; all others are as ever. */
export function waitsOf(t: TestContext, ms: number): Waits {
  const real = { set: globalThis.setTimeout, clear: globalThis.clearTimeout }
  const held = new Map<unknown, () => void>()
  const set = (late: (...args: unknown[]) => void, after?: number, ...args: unknown[]) => {
    const handle = real.set(after === ms ? () => {} : late, after, ...args)
    if (after === ms) held.set(handle.unref(), () => late(...args))
    return handle
  }
  const clear = (handle: never) => {
    held.delete(handle)
    real.clear(handle)
  }
  t.mock.method(globalThis, 'setTimeout', set as never)
  t.mock.method(globalThis, 'clearTimeout', clear)
  return {
    get count() {
      return held.size
    },
    pass() {
      const late = [...held.values()]
      held.clear()
      for (const one of late) one()
    },
  }
}
