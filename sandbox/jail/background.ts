import { writeFileSync } from 'node:fs'
import { below } from './process-tree.ts'

/** The least that the kernel gives a session. */
const LEAST = '19'

/**
 * Puts the sessions of a jail behind all others of the machine. Where the kernel groups processes by session (autogroup), who is in
 * one competes with the others of it only, so that a program's own rank, even SCHED_IDLE, does nothing against other sessions:
 * its session has to have a low one itself, and stay in it: the filter refuses it another. Where it does not group, or by cgroups,
 * there is no such file and nothing to do.
 */
export function standBack(init: number | null): void {
  if (init === null) return
  for (const pid of below(init)) {
    try {
      writeFileSync(`/proc/${pid}/autogroup`, LEAST)
    } catch {
      // Not grouped, gone already, or of somebody else by now.
    }
  }
}
