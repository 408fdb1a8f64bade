import assert from 'node:assert/strict'
import { before, suite, test } from 'node:test'
import type { Sandbox } from '../../sandbox/index.ts'
import { callNumber, PROCESSORS } from '../../sandbox/jail/filter/calls.ts'
import { REFUSED } from '../../sandbox/jail/filter/policy.ts'
import { patience } from '../support/patience.ts'
import { plainSandbox, runAll, runOne } from './fixture.ts'

const processor = PROCESSORS.find((name) => name === process.arch) ?? 'x64'
const HEADERS = `#include <poll.h>
#include <pthread.h>
#include <spawn.h>
#include <sched.h>
#include <sys/eventfd.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
`

/** Each with arguments that the kernel itself would refuse with another error, or accept: so it was the filter. */
const REFUSED_WITH: { id: string; call: string; error: string }[] = [
  { id: 'a new user namespace by clone', call: 'syscall(SYS_clone, CLONE_NEWUSER | SIGCHLD, 0, 0, 0, 0)', error: 'EPERM' },
  {
    id: 'memory that is shared and in no file',
    call: '(mmap(0, 4096, 3, MAP_SHARED | MAP_ANONYMOUS, -1, 0) == MAP_FAILED ? -1 : 0)',
    error: 'EPERM',
  },
  { id: 'a socket of unix', call: 'socket(AF_UNIX, SOCK_STREAM, 0)', error: 'EPERM' },
  { id: 'a socket of netlink', call: 'socket(AF_NETLINK, SOCK_RAW, 0)', error: 'EPERM' },
  { id: 'a socket for ciphers of the kernel', call: 'socket(38, SOCK_SEQPACKET, 0)', error: 'EPERM' },
  { id: 'a packet socket', call: 'socket(17, SOCK_RAW, 0)', error: 'EPERM' },
  { id: 'to send on standard output', call: 'send(1, "x", 1, 0)', error: 'EPERM' },
  { id: 'to be traced', call: 'syscall(SYS_ptrace, 0, 0, 0, 0)', error: 'EPERM' },
  { id: 'to make its stack readable to itself only by ptrace', call: 'prctl(PR_SET_PTRACER, 1)', error: 'EPERM' },
  { id: 'to type into a terminal', call: 'ioctl(0, TIOCSTI, "x")', error: 'EPERM' },
  { id: 'a filter of its own', call: 'prctl(PR_SET_SECCOMP, 2, 0)', error: 'EPERM' },
  { id: 'a call of the future', call: 'syscall(9999)', error: 'ENOSYS' },
]

/** What honest programs do that goes through calls of the policy. */
const HONEST: { id: string; test: string; prints: string }[] = [
  { id: 'threads', test: 'int n = 0; std::thread t([&] { n = 42; }); t.join(); printf("%d", n);', prints: '42' },
  { id: 'processes', test: 'int s; if (fork() == 0) _exit(42); wait(&s); printf("%d", WEXITSTATUS(s));', prints: '42' },
  {
    id: 'a started program',
    test: 'char *a[] = {(char *)"/program", (char *)"5", nullptr}; pid_t p; int s; posix_spawn(&p, a[0], 0, 0, a, environ); waitpid(p, &s, 0); printf("%d", WEXITSTATUS(s));',
    prints: '0',
  },
  {
    id: 'shared memory between processes',
    test: 'int f = open("/tmp/shared", O_RDWR | O_CREAT, 0600); ftruncate(f, 4096); int *p = (int *)mmap(0, 4096, 3, MAP_SHARED, f, 0); if (fork() == 0) { *p = 42; _exit(0); } wait(0); printf("%d", *p);',
    prints: '42',
  },
  {
    id: 'pipes and poll',
    test: 'int p[2]; pipe(p); write(p[1], "x", 1); pollfd f{p[0], POLLIN, 0}; printf("%d", poll(&f, 1, 1000));',
    prints: '1',
  },
  { id: 'nothing, for the started program', test: '', prints: '' },
  { id: 'events', test: 'int e = eventfd(42, 0); uint64_t v; read(e, &v, 8); printf("%d", (int)v);', prints: '42' },
  {
    id: 'signals',
    test: 'signal(SIGALRM, [](int) { printf("rang"); fflush(stdout); _exit(0); }); alarm(1); pause();',
    prints: 'rang',
  },
  {
    id: 'files of its own',
    test: 'std::ofstream("/tmp/a") << 42; rename("/tmp/a", "/tmp/b"); int n; std::ifstream("/tmp/b") >> n; printf("%d", n);',
    prints: '42',
  },
  {
    id: 'random numbers and clocks',
    test: 'std::random_device r; auto t = std::chrono::steady_clock::now(); usleep(1000); r(); printf("%d", std::chrono::steady_clock::now() > t);',
    prints: '1',
  },
]

suite('system calls in a jail', { timeout: patience(60_000) }, () => {
  let sandbox: Sandbox
  before(async () => {
    sandbox = await plainSandbox()
  })

  test('every refused call fails as the policy says', async () => {
    const rows = REFUSED.flatMap(({ calls, error }) =>
      calls.flatMap((call) => {
        const number = callNumber(call, processor)
        return number === null ? [] : [{ call, number, error }]
      }),
    )
    // Arguments that mean nothing: most of these calls would fail with another error, were they let through.
    const text = rows.map(({ call, number, error }) => `t(${number}, ${error}, "${call}");`).join('\n')
    const helper = `${HEADERS}void t(long n, int e, const char *s) { errno = 0; if (syscall(n, -1L, -1L, -1L, -1L, -1L, -1L) != -1 || errno != e) printf("%s: %d\\n", s, errno); }`
    const run = await runOne(sandbox, `${text}\nputs("done");`, undefined, helper)
    assert.equal(run.text, 'done\n', run.detail)
  })

  test('refused by argument', async () => {
    const text = REFUSED_WITH.map(
      ({ id, call, error }) => `errno = 0; if (${call} != -1 || errno != ${error}) printf("%s: %d\\n", "${id}", errno);`,
    )
    const run = await runOne(sandbox, `${text.join('\n')}\nputs("done");`, undefined, HEADERS)
    assert.equal(run.text, 'done\n', run.detail)
  })

  test('calls of other tables end the program', { skip: process.arch !== 'x64' }, async () => {
    const int80 = 'int r; asm volatile("int $0x80" : "=a"(r) : "a"(20)); puts("got through");'
    const x32 = 'long r; asm volatile("syscall" : "=a"(r) : "a"(0x40000000 + 39) : "rcx", "r11"); puts("got through");'
    for (const run of await runAll(sandbox, '', [int80, x32])) {
      assert.equal(run.status, 'runtime_error')
      assert.match(run.detail, /SIGSYS/)
    }
  })

  test('what honest programs do works', async () => {
    const code = `${HEADERS}#include <chrono>\n#include <random>\n`
    const runs = await runAll(
      sandbox,
      code,
      HONEST.map((row) => row.test),
    )
    for (const [index, { id, prints }] of HONEST.entries()) {
      assert.equal(Buffer.from(runs[index]?.output ?? []).toString(), prints, `${id}: ${runs[index]?.detail}`)
    }
  })
})
