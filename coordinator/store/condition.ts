/** What a failed write says of the disk. */
export type Trouble =
  /** No space, or no quota, is left. */
  | 'full'
  /** It can be read only: mounted so, or remounted by the system after an error. */
  | 'read-only'
  /** Anything else: reads or writes fail. */
  | 'broken'

/** How the disk under the event log does. Times are milliseconds since 1970. */
export type DiskCondition =
  | { state: 'good' }
  /** Less space is left than is kept for what is out: nothing new is begun, what is out can be finished. */
  | { state: 'low'; since: number; freeBytes: number; wantedBytes: number }
  /** A write failed and is tried again: until then nothing is given out, taken in or promised. `detail` is for the log. */
  | { state: 'failing'; since: number; trouble: Trouble; tries: number; detail: string }

export const GOOD: DiskCondition = { state: 'good' }

/** For people, peers too: no path, no name of a file. */
export const WORDS: Record<Trouble, string> = {
  full: 'its disk is full',
  'read-only': 'its disk can only be read',
  broken: 'its disk fails',
}

/** What a coordinator says of a condition that is not good, or null. */
export function sayCondition(condition: DiskCondition): string | null {
  if (condition.state === 'good') return null
  if (condition.state === 'failing') {
    return `the coordinator can write nothing (${WORDS[condition.trouble]}); it tries again, and goes on by itself when that is mended`
  }
  const mebibytes = (bytes: number) => `${Math.floor(bytes / 2 ** 20)} MiB`
  return `the coordinator begins nothing new (${mebibytes(condition.freeBytes)} of its disk are free, and it keeps ${mebibytes(condition.wantedBytes)}); it goes on by itself when there is space`
}

/** Reads what the database says of a failure; its errors have no codes. */
export function troubleOf(error: Error): { trouble: Trouble; detail: string } {
  const detail = (error.cause as Error | undefined)?.message ?? error.message
  const is = (pattern: RegExp) => pattern.test(detail)
  const trouble = is(/no space left|disk quota|ENOSPC|EDQUOT/i)
    ? 'full'
    : is(/read-only file system|EROFS/i)
      ? 'read-only'
      : 'broken'
  return { trouble, detail }
}
