import type { Program } from '../../protocol/index.ts'
import type { CpuClock } from './cpu-clock.ts'
import type { Ours } from './ours.ts'

/** What each of the two processes takes of the processor. */
const EACH_S = 0.5
/** Beside them: the jail, and what a clock of hundredths leaves out. */
const TOO_LITTLE_S = 0.03
const TOO_MUCH_S = 0.3

/** Takes a second of the processor, half of it in a process that nobody waits for but by its pipe. */
const BURNER: Program = {
  v: 1,
  side: 'cpp',
  code: `#include <ctime>
#include <unistd.h>
void burn() {
  timespec used;
  do clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &used); while (used.tv_sec + used.tv_nsec / 1e9 < ${EACH_S});
}`,
  wrapper: '',
  tests: [
    `int ends[2]; char none; (void)!pipe(ends); if (fork() == 0) { burn(); _exit(0); } close(ends[1]); burn(); (void)!read(ends[0], &none, 1);`,
  ],
}

/**
 * Proves the clock: a known second in a jail is measured as one.
 * @returns what was measured
 * @throws Error where it is not
 */
export async function provenClock(clock: CpuClock, ours: Ours): Promise<number> {
  // Compiled before, so that the second run is a run alone.
  await ours.host(BURNER)
  let status = ''
  const { children } = await clock.time(async () => {
    status = (await ours.host(BURNER))[0]?.status ?? ''
  })
  const due = 2 * EACH_S
  if (status === 'success' && children >= due - TOO_LITTLE_S && children <= due + TOO_MUCH_S) return children
  throw new Error(`a jail that takes ${due} s of the processor (${status}) is measured as ${children} s: the clock misses some`)
}
