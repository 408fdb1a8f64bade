import { readdir } from 'node:fs/promises'
import { getPriority, setPriority } from 'node:os'

/**
 * The thread's priority (nice): a core that others want, too, is its for a thirtieth of the time, and an idle one all of it. It also writes
 * tables of what was gathered in memory, for which whoever writes waits once as much again has been: with both cores of a machine taken it took
 * 0.7 s for each, 2.5 at most, and there was time for 12.
 */
const MERGING_NICE = 15

/** The process has one such thread, however many databases. */
let isLowered = false

/**
 * LevelDB merges tables in a thread of its own: at 490 verdicts a second half a core for two seconds and more, again and again. A thousand
 * nodes wait for the event loop meanwhile: where there is no core to spare that thread takes what others leave.
 * Where threads have no priorities (Linux has), nothing is done.
 *
 * To be called before a database is opened. @returns to be called when it is open: `begin` has it do something in that thread
 */
export async function watchForMerging(): Promise<(begin: () => Promise<void>) => Promise<void>> {
  if (isLowered || process.platform !== 'linux') return async () => {}
  const before = new Set(await threads())
  const made = async () => (await threads()).filter((thread) => !before.has(thread))
  return async (begin) => {
    // It is made when there is something to merge, which at the opening there may be or not.
    if ((await made()).length === 0) await begin()
    const [thread, ...others] = await made()
    // Where others were made meanwhile, which one it is cannot be said.
    if (thread === undefined || others.length > 0) return
    isLowered = lower(thread)
  }
}

function lower(thread: number): boolean {
  try {
    setPriority(thread, Math.max(MERGING_NICE, getPriority(thread)))
    return true
  } catch {
    // Something between us and the system does not allow it: it merges as before.
    return false
  }
}

/** The threads of this process, by the numbers that the system gave them. */
async function threads(): Promise<number[]> {
  return (await readdir('/proc/self/task').catch(() => [])).map(Number)
}
