import { link, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { setTimeout as sleep } from 'node:timers/promises'
import { isAlive } from '../jail/cgroup-tree.ts'
import { diskFault, temporaryName } from '../toolchain/folders.ts'
import { SandboxFault } from '../types.ts'

/** How often the file of another process's turn is looked at. */
const LOOK_EVERY_MS = 20
/** More than any one turn may take: a test's longest wall time three times over, and checks of the device after it. */
export const LONGEST_TURN_MS = 45 * 60_000

/** A GPU's programs one after the other, those of other processes of this machine too. */
export class Turns {
  readonly #file: string
  #last: Promise<void> = Promise.resolve()

  /** `file`: in a folder that all processes with this GPU share. */
  constructor(file: string) {
    this.#file = file
  }

  /**
   * Waits until the GPU is nobody's; in this process first come, first served.
   * @returns what gives it back; may be called twice
   * @throws the signal's reason; SandboxFault `gpu` where another process does not let it go, `disk`
   */
  async take({ signal }: { signal: AbortSignal }): Promise<() => Promise<void>> {
    const before = this.#last
    const { promise: over, resolve: leave } = Promise.withResolvers<void>()
    this.#last = before.then(() => over)
    try {
      await aborting(before, signal)
      await this.#lock(signal)
    } catch (error) {
      leave()
      throw error
    }
    return async () => {
      // A file that cannot be removed names a process: it counts for as long as that lives.
      await rm(this.#file, { force: true }).catch(() => {})
      leave()
    }
  }

  async #lock(signal: AbortSignal): Promise<void> {
    const own = `${process.pid} ${await startOf(process.pid)}`
    const draft = temporaryName(this.#file)
    const until = performance.now() + LONGEST_TURN_MS
    try {
      await writeFile(draft, own)
      while (!(await linked(draft, this.#file))) {
        await this.#dropDead()
        if (performance.now() > until) throw new SandboxFault('gpu', `another process has held ${this.#file} for too long`)
        await sleep(LOOK_EVERY_MS, undefined, { signal })
      }
    } catch (error) {
      signal.throwIfAborted()
      throw error instanceof SandboxFault ? error : diskFault(this.#file, error)
    } finally {
      await rm(draft, { force: true })
    }
  }

  /** Takes the file of a process that is no more away; where another was quicker and has made a new one, that is put back. */
  async #dropDead(): Promise<void> {
    const held = await readFile(this.#file, 'utf8').catch(() => '')
    const [pid = 0, start = 0] = held.split(' ').map(Number)
    if (held === '' || (isAlive(pid) && (await startOf(pid)) === start)) return
    const aside = temporaryName(this.#file)
    if (
      !(await rename(this.#file, aside).then(
        () => true,
        () => false,
      ))
    )
      return
    if ((await readFile(aside, 'utf8').catch(() => '')) !== held) await linked(aside, this.#file)
    await rm(aside, { force: true })
  }
}

async function linked(from: string, to: string): Promise<boolean> {
  try {
    await link(from, to)
    return true
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false
    throw error
  }
}

/** When a process was started, in the kernel's ticks: numbers of processes come again. */
async function startOf(pid: number): Promise<number> {
  const text = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '')
  return Number(text.slice(text.lastIndexOf(')') + 2).split(' ')[19] ?? 0)
}

async function aborting(promise: Promise<void>, signal: AbortSignal): Promise<void> {
  signal.throwIfAborted()
  const { promise: aborted, reject } = Promise.withResolvers<never>()
  const onAbort = () => reject(signal.reason)
  signal.addEventListener('abort', onAbort, { once: true })
  try {
    await Promise.race([promise, aborted])
  } finally {
    signal.removeEventListener('abort', onAbort)
  }
}

/** So many at a time; the others wait in the order they came. */
export class Places {
  #free: number
  readonly #waiting: (() => void)[] = []
  constructor(count: number) {
    this.#free = count
  }

  /** @returns what gives the place back. @throws the signal's reason */
  async enter({ signal }: { signal: AbortSignal }): Promise<() => void> {
    signal.throwIfAborted()
    if (this.#free > 0) this.#free--
    else await this.#wait(signal)
    let left = false
    return () => {
      if (left) return
      left = true
      const next = this.#waiting.shift()
      if (next === undefined) this.#free++
      else next()
    }
  }

  async #wait(signal: AbortSignal): Promise<void> {
    const { promise, resolve, reject } = Promise.withResolvers<void>()
    const onAbort = () => {
      const at = this.#waiting.indexOf(resolve)
      if (at < 0) return
      this.#waiting.splice(at, 1)
      reject(signal.reason)
    }
    this.#waiting.push(resolve)
    signal.addEventListener('abort', onAbort, { once: true })
    try {
      await promise
    } finally {
      signal.removeEventListener('abort', onAbort)
    }
  }
}
