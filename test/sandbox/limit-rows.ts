import type { RunLimits, TestStatus } from '../../protocol/index.ts'
import type { Sandbox } from '../../sandbox/index.ts'
import { LIMITS, runOne, SHORT } from './fixture.ts'

/** What must end alike on every machine, whatever its limits are held by. */
export const LIMIT_ROWS: { id: string; test: string; status: TestStatus; prints?: string; limits?: RunLimits }[] = [
  {
    id: 'grows without end',
    test: 'for (;;) { void *p = malloc(1 << 24); if (!p) abort(); memset(p, 1, 1 << 24); }',
    status: 'memory_limit',
  },
  {
    id: 'grows slowly, without end',
    test: 'for (;;) { void *p = malloc(1 << 20); if (!p) abort(); memset(p, 1, 1 << 20); usleep(2000); }',
    status: 'memory_limit',
  },
  {
    id: 'catches that there is no more, and ends well',
    test: 'std::vector<std::vector<char>> v; try { for (;;) v.emplace_back(1 << 22, 1); } catch (...) { puts("caught"); }',
    status: 'memory_limit',
  },
  {
    id: 'takes too much at once, and gives it back',
    test: '{ std::vector<char> v(300 << 20, 1); } puts("done");',
    status: 'memory_limit',
  },
  {
    id: 'four processes that are over together',
    test: 'for (int i = 0; i < 4; i++) if (fork() == 0) { memset(malloc(50 << 20), 1, 50 << 20); pause(); } while (wait(0) > 0) {}',
    status: 'memory_limit',
  },
  {
    id: 'a thread whose process is over',
    test: 'std::thread t([] { if (fork() == 0) { for (;;) { void *p = malloc(1 << 24); if (!p) pause(); memset(p, 1, 1 << 24); } } wait(0); }); t.join();',
    status: 'memory_limit',
  },
  {
    id: 'stays within its limit',
    test: 'memset(malloc(80 << 20), 1, 80 << 20); puts("fits");',
    status: 'success',
    prints: 'fits\n',
  },
  {
    id: 'two processes that share what is within the limit',
    test: 'char *p = (char *)malloc(80 << 20); memset(p, 1, 80 << 20); if (fork() == 0) { usleep(100000); _exit(p[5] - 1); } wait(0); puts("fits");',
    status: 'success',
    prints: 'fits\n',
  },
  {
    id: 'reserves, and does not use',
    test: 'char *p = (char *)malloc(512 << 20); p[0] = 1; printf("%d", p[0]);',
    status: 'success',
    prints: '1',
  },
  { id: 'fork bomb', test: 'for (;;) fork();', status: 'timeout', limits: SHORT },
  {
    id: 'counts its processes',
    test: 'int n = 0; pid_t first = getpid(); while (n < 1000 && fork() > 0) n++; if (getpid() == first && n > 70) abort();',
    status: 'success',
  },
  {
    id: 'fork bomb of threads',
    test: 'for (;;) try { std::thread([] { pause(); }).detach(); } catch (...) {}',
    status: 'timeout',
    limits: SHORT,
  },
  { id: 'floods', test: 'for (;;) putchar(1);', status: 'output_limit' },
  { id: 'sleeps', test: 'signal(SIGTERM, SIG_IGN); for (;;) pause();', status: 'timeout', limits: SHORT },
]

/** Runs all rows; what is wrong, a line each. */
export async function wrongRows(sandbox: Sandbox): Promise<string[]> {
  const wrong: string[] = []
  for (const { id, test, status, prints, limits } of LIMIT_ROWS) {
    const run = await runOne(sandbox, test, limits ?? LIMITS)
    if (run.status !== status || (prints !== undefined && run.text !== prints)) {
      wrong.push(`${id}: ${run.status} instead of ${status}; ${run.detail}; ${run.text.slice(0, 100)}`)
    }
  }
  return wrong
}
