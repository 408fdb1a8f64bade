import { readdirSync, readFileSync } from 'node:fs'

/** What forks meanwhile is found by the next look; more looks than a jail may have tasks would need somebody who is quicker than we. */
const MAX_LOOKS = 64

/** Stops all that descends from a process, not the process itself. Whoever is stopped starts nothing, so a few looks see all. */
export function stopBelow(root: number): void {
  for (let look = 0; look < MAX_LOOKS; look++) {
    const moving = below(root).filter((pid) => !isStopped(pid))
    if (moving.length === 0) return
    for (const pid of moving) signal(pid, 'SIGSTOP')
  }
}

/** Lets all that descends from a process go on. */
export function continueBelow(root: number): void {
  for (const pid of below(root)) signal(pid, 'SIGCONT')
}

/** All that descends from a process, parents first. */
export function below(root: number): number[] {
  const found = childrenOf(root)
  for (const pid of found) found.push(...childrenOf(pid))
  return found
}

function childrenOf(pid: number): number[] {
  try {
    return readdirSync(`/proc/${pid}/task`).flatMap((thread) =>
      readFileSync(`/proc/${pid}/task/${thread}/children`, 'latin1').split(' ').filter(Boolean).map(Number),
    )
  } catch {
    // Gone in the meantime.
    return []
  }
}

/** Stopped, or ended. */
function isStopped(pid: number): boolean {
  try {
    return /^\d+ \(.*\) [TtZX]/s.test(readFileSync(`/proc/${pid}/stat`, 'latin1'))
  } catch {
    return true
  }
}

function signal(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(pid, name)
  } catch {
    // Gone in the meantime.
  }
}
