import assert from 'node:assert/strict'
import { access } from 'node:fs/promises'
import { before, suite, test } from 'node:test'
import type { Sandbox } from '../../sandbox/index.ts'
import { patience } from '../support/patience.ts'
import { LIMITS, plainSandbox, processesNamed, runAll, runOne, SHORT } from './fixture.ts'

/** Each prints what it found; `sees` is what it must find. */
const LOOKING: { id: string; test: string; sees: string }[] = [
  { id: 'root folder', test: 'list("/");', sees: 'dev launch lib lib64 program tmp' },
  { id: 'empty /tmp', test: 'list("/tmp");', sees: '' },
  { id: 'devices', test: 'list("/dev");', sees: 'null urandom' },
  { id: '/etc/passwd', test: 'look("/etc/passwd");', sees: 'no' },
  { id: '/proc', test: 'look("/proc/self/environ");', sees: 'no' },
  { id: 'a folder above', test: 'look("/tmp/../etc");', sees: 'no' },
  { id: 'environment', test: 'for (char **e = environ; *e; e++) printf("%s;", *e);', sees: 'PATH=/usr/bin:/bin;LANG=C;' },
  { id: 'its name', test: 'std::cout << argv[0];', sees: '/program' },
  { id: 'working folder', test: 'char b[99]; printf("%s", getcwd(b, 99));', sees: '/tmp' },
  { id: 'host name', test: 'char b[99]; gethostname(b, 99); printf("%s", b);', sees: 'jail' },
  { id: 'user', test: 'printf("%d %d", getuid(), getgid());', sees: '65534 65534' },
  {
    id: 'descriptors',
    test: 'for (int fd = 0; fd < 1024; fd++) if (fcntl(fd, F_GETFD) >= 0) printf("%d ", fd);',
    sees: '0 1 2 3 ',
  },
  { id: 'standard input', test: 'printf("%d", getchar());', sees: '-1' },
  { id: 'stack limit', test: 'rlimit r; getrlimit(RLIMIT_STACK, &r); printf("%ld", (long)r.rlim_max);', sees: '8388608' },
  { id: 'core limit', test: 'rlimit r; getrlimit(RLIMIT_CORE, &r); printf("%ld", (long)r.rlim_max);', sees: '0' },
  {
    id: 'files it may open for writing',
    test: 'for (auto p : {"/program", "/launch", "/x", "/dev/x", "/lib/x"}) if (open(p, O_RDWR | O_CREAT, 0600) >= 0) puts(p);',
    sees: '',
  },
  { id: 'rights to change what is mounted', test: 'printf("%d", mount("x", "/tmp", "tmpfs", 0, ""));', sees: '-1' },
  { id: 'another user namespace', test: 'printf("%d", unshare(CLONE_NEWUSER));', sees: '-1' },
]

const HELPERS = `#include <sched.h>
#include <set>
#include <sys/mount.h>
void look(const char *path) { printf("%s", access(path, F_OK) == 0 ? "yes" : "no"); }
void list(const char *path) {
  std::set<std::string> names;
  DIR *folder = opendir(path);
  while (dirent *entry = readdir(folder)) if (entry->d_name[0] != '.') names.insert(entry->d_name);
  for (auto &name : names) std::cout << (name == *names.begin() ? "" : " ") << name;
}
`

suite('what a program finds', { timeout: patience(60_000) }, () => {
  let runs: Promise<{ status: string; text: string }[]>
  before(async () => {
    const sandbox = await plainSandbox()
    // One program: what one test leaves in /tmp the next must not find.
    const dirty = LOOKING.map((row) => `${row.test}\nclose(open("/tmp/left", O_CREAT | O_WRONLY, 0600));`)
    runs = runAll(sandbox, HELPERS, dirty).then((all) =>
      all.map(({ status, output }) => ({ status, text: Buffer.from(output).toString() })),
    )
  })
  for (const [index, { id, sees }] of LOOKING.entries()) {
    test(id, async () => assert.deepEqual((await runs)[index], { status: 'success', text: sees }))
  }
})

const BOMB = 'for (;;) fork();'

suite('what a program cannot do', { timeout: patience(60_000) }, () => {
  let sandbox: Sandbox
  before(async () => {
    sandbox = await plainSandbox()
  })

  test('have more processes than its limit', async () => {
    const count = 'int n = 0; pid_t first = getpid(); while (n < 1000 && fork() > 0) n++; if (getpid() == first) printf("%d", n);'
    const run = await runOne(sandbox, count)
    assert.equal(run.status, 'success')
    assert.ok(Number(run.text) > 0 && Number(run.text) <= 70, run.text)
  })

  test('keep its processes after its end, whatever group they are in', async () => {
    const mark = `kernelswarm-orphan-${process.pid}-${Date.now()}`
    const run = await runOne(
      sandbox,
      `if (fork() == 0) { setpgid(0, 0); if (fork() == 0) { execl("/program", "${mark}", "7", NULL); } _exit(0); } puts("done");`,
    )
    assert.equal(run.text, 'done\n')
    assert.deepEqual(await processesNamed(mark), [])
  })

  test('stay when the run is stopped, as a fork bomb', async () => {
    const mark = `kernelswarm-bomb-${process.pid}-${Date.now()}`
    const bomb = `if (strcmp(argv[0], "/program") == 0) execl("/program", "${mark}", argv[1], NULL); ${BOMB}`
    const runs = await Promise.all([runOne(sandbox, bomb, SHORT), runOne(sandbox, 'puts("meanwhile");')])
    assert.deepEqual(
      runs.map((run) => run.status),
      ['timeout', 'success'],
    )
    assert.deepEqual(await processesNamed(mark), [])
  })

  test('signal anything outside', async () => {
    const run = await runOne(sandbox, 'kill(-1, SIGKILL); kill(getppid(), SIGKILL); kill(1, SIGKILL); puts("alone");')
    assert.equal(run.text, 'alone\n')
  })

  test('fill more than its /tmp', async () => {
    const fill =
      'int fd = open("/tmp/x", O_CREAT | O_WRONLY, 0600); static char b[1 << 20]; int n = 0; while (n < 100 && write(fd, b, sizeof b) > 0) n++; printf("%d", n);'
    const { text } = await runOne(sandbox, fill)
    assert.ok(Number(text) <= 17, text)
  })

  test('have the host follow a link out of the box', async () => {
    const target = `/tmp/kernelswarm-link-${process.pid}`
    const run = await runOne(sandbox, `printf("%d", symlink("${target}", "/tmp/product"));`)
    assert.equal(run.text, '0')
    await assert.rejects(access(target))
  })

  test('be refused address space that the emulator only reserves', async () => {
    const reserve =
      'void *p = mmap(0, 4ull << 30, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0); printf("%d", p == MAP_FAILED);'
    const { signal } = new AbortController()
    const program = { v: 1 as const, side: 'cuda' as const, code: '', wrapper: '', tests: [reserve] }
    const { tests } = await sandbox.execute(program, 'emulated', LIMITS, { signal })
    assert.equal(Buffer.from(tests[0]?.output ?? []).toString(), '0')
  })

  test('print what another machine, or another run, would not: what it never set', async () => {
    const unset =
      'int a[64]; int *b = (int *)malloc(4096); for (int i = 0; i < 64; i++) printf("%d %d %p ", a[i], b[i], (void *)&a[i]);'
    const texts = new Set<string>()
    for (let i = 0; i < 5; i++) texts.add((await runOne(sandbox, unset)).text)
    assert.equal(texts.size, 1)
  })
})
