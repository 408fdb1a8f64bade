import { readFileSync } from 'node:fs'

/** Ticks of /proc/PID/stat: a hundred a second on every Linux that Node runs on. */
const TICKS_PER_SECOND = 100

/** Seconds of the processor a process has used, user and system, its threads too. */
export function cpuSeconds(pid: number): number {
  const stat = readFileSync(`/proc/${pid}/stat`, 'latin1')
  // The name in brackets may hold anything; what follows the last bracket is fixed. utime and stime are fields 14 and 15.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  return (Number(fields[11]) + Number(fields[12])) / TICKS_PER_SECOND
}

/** Bytes a process holds in memory: `own` without the pages of files that it maps, which the system takes back when others want them. */
export function memoryOf(pid: number): { residentBytes: number; ownBytes: number } {
  const status = readFileSync(`/proc/${pid}/status`, 'latin1')
  const bytes = (name: string) => Number(new RegExp(`^${name}:\\s+(\\d+) kB`, 'm').exec(status)?.[1]) * 1024
  return { residentBytes: bytes('VmRSS'), ownBytes: bytes('RssAnon') }
}
