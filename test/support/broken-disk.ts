import type { TestContext } from 'node:test'
import { Level } from 'level'

/** What LevelDB says of the three ways in which a disk fails. */
export const FAULTS = {
  full: 'IO error: /somewhere/000005.log: No space left on device',
  'read-only': 'IO error: /somewhere/000007.log: Read-only file system',
  broken: 'IO error: /somewhere/000009.log: Input/output error',
} as const
export type Fault = keyof typeof FAULTS

/**
 * Makes every write of every database of this process fail, until it is mended; what is deeper down, opening anew too, is
 * real. A write that "got through" is done and reported as failed, as it may be when the power of a disk goes.
 */
export class BrokenDisk {
  fault: Fault | null = null
  /** Whether the writes that fail are done all the same. */
  gotThrough = false
  /** Writes that were refused. */
  refused = 0
  readonly #waiting: { count: number; resolve: () => void }[] = []

  constructor(t: TestContext, concerns: (location: string) => boolean = () => true) {
    const disk = this
    for (const method of ['batch', 'put', 'del'] as const) {
      const real = Level.prototype[method] as (...args: unknown[]) => unknown
      const broken = async function (this: Level, ...args: unknown[]) {
        if (disk.fault === null || !concerns(this.location)) return await real.apply(this, args)
        if (disk.gotThrough) await real.apply(this, args)
        disk.#count()
        throw new Error('failed', { cause: new Error(FAULTS[disk.fault]) })
      }
      t.mock.method(Level.prototype as never, method, broken as never)
    }
  }

  /** Resolves when so many writes more have been refused. */
  async refusals(more: number): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>()
    this.#waiting.push({ count: this.refused + more, resolve })
    await promise
  }

  #count(): void {
    this.refused++
    for (const { count, resolve } of this.#waiting) if (this.refused >= count) resolve()
  }
}
