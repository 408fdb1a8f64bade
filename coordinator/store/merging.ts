import { readdir } from 'node:fs/promises'
import { getPriority, setPriority } from 'node:os'

/** How much further back the thread stands (nice): beside one that is not, a core is its for a sixtieth of the time, and all of an idle one. */
const MERGING_NICE = 15

/** The process has one such thread, however many databases. */
let isLowered = false

/**
 * LevelDB merges tables in a thread of its own: at 490 verdicts a second half a core for two seconds and more, again and again. Nobody
 * waits for that, and a thousand nodes wait for the event loop: where there is no core to spare it takes what others leave.
 * Where threads have no priorities (Linux has), nothing is done.
 * @param begin has LevelDB do something in that thread, for which it makes it
 */
export async function lowerMerging(begin: () => Promise<void>): Promise<void> {
  if (isLowered || process.platform !== 'linux') return
  isLowered = true
  const before = new Set(await threads())
  await begin()
  const made = (await threads()).filter((thread) => !before.has(thread))
  const [thread] = made
  // Where others were made meanwhile, which one it is cannot be said.
  if (thread === undefined || made.length > 1) return
  try {
    setPriority(thread, Math.max(MERGING_NICE, getPriority(thread)))
  } catch {
    // Something between us and the system does not allow it: it merges as before.
  }
}

/** The threads of this process, by the numbers that the system gave them. */
async function threads(): Promise<number[]> {
  return (await readdir('/proc/self/task').catch(() => [])).map(Number)
}
