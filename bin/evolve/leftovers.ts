import { readdir, readFile } from 'node:fs/promises'
import { setTimeout as wait } from 'node:timers/promises'

/** In the environment of every process of a command, so that they are known again, also by another process than the one that began them. */
export const MARK_VARIABLE = 'KERNELSWARM_EVOLVE_MARK'

/** How long processes have to end by themselves when they are asked to. */
const GRACE_MS = 10_000
const LOOK_EVERY_MS = 100

/** Asks what still runs of a command to end, and ends it when it does not. Returns how many processes there were. */
export async function endLeftovers(mark: string): Promise<number> {
  const found = await marked(mark)
  for (const signal of ['SIGTERM', 'SIGKILL'] as const) {
    signalAll(await marked(mark), signal)
    const deadline = performance.now() + GRACE_MS
    while ((await marked(mark)).length > 0 && performance.now() < deadline) await wait(LOOK_EVERY_MS)
  }
  return found.length
}

function signalAll(pids: readonly number[], signal: NodeJS.Signals): void {
  for (const pid of pids) {
    try {
      process.kill(pid, signal)
    } catch {
      // It has ended meanwhile.
    }
  }
}

/** Processes of this user with the mark in their environment. One that was begun with another environment is not found. */
async function marked(mark: string): Promise<number[]> {
  const wanted = `${MARK_VARIABLE}=${mark}`
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name))
  const found = await Promise.all(
    pids.map(async (pid) => {
      const environment = await readFile(`/proc/${pid}/environ`, 'utf8').catch(() => '')
      return environment.split('\0').includes(wanted) ? [Number(pid)] : []
    }),
  )
  return found.flat()
}
