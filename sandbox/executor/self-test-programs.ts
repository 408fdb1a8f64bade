import type { Program, TestStatus } from '../../protocol/index.ts'

/** A program that does harm where it can, and how it must end. One that finds a way out aborts: `runtime_error`. */
export interface HostileProgram {
  name: string
  /** Defines `int attack(int)`. */
  code: string
  ends: readonly TestStatus[]
}

/** The smallest right program of the CUDA side. */
export const CUDA_TWICE: Program = {
  v: 1,
  side: 'cuda',
  code: '__global__ void twice(int *a, int n) {\n  int i = blockIdx.x * blockDim.x + threadIdx.x;\n  if (i < n) a[i] = 2 * a[i];\n}',
  wrapper: `void twice_cuda(int *a, int n) {
  int *d;
  cudaMalloc(&d, n * sizeof(int));
  cudaMemcpy(d, a, n * sizeof(int), cudaMemcpyHostToDevice);
  twice<<<1, 32>>>(d, n);
  cudaMemcpy(a, d, n * sizeof(int), cudaMemcpyDeviceToHost);
  cudaFree(d);
}`,
  tests: ['int a[2] = {20, 21}; wrapper(twice_cuda, a, 2);'],
}

/** Names, contents and processes that must not be there. /tmp is, and empty. */
const LOOK_AROUND = `#include <dirent.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
extern char **environ;
int attack(int) {
  const char *hidden[] = {"/etc", "/home", "/root", "/proc", "/sys", "/var", "/run", "/usr/bin", "/dev/sda", "/dev/mem"};
  for (const char *path : hidden) if (access(path, F_OK) == 0) abort();
  for (char **entry = environ; *entry; entry++) if (strncmp(*entry, "PATH=", 5) && strncmp(*entry, "LANG=", 5)) abort();
  DIR *folder = opendir("/tmp");
  int entries = 0;
  while (readdir(folder)) entries++;
  if (entries != 2 || getuid() == 0 || getppid() > 2) abort();
  return 0;
}`

/** The same, with room for one number where two are written: in line 3 of the kernel. */
export const CUDA_OVERRUN: Program = {
  ...CUDA_TWICE,
  wrapper: `void twice_cuda(int *a, int n) {
  int *d;
  cudaMalloc(&d, sizeof(int));
  twice<<<1, 32>>>(d, n);
  cudaFree(d);
}`,
}

export const HOSTILE: readonly HostileProgram[] = [
  {
    name: 'files, environment and processes of this machine are not to be seen',
    code: LOOK_AROUND,
    ends: ['success'],
  },
  {
    name: 'the compiler does not read /etc/passwd',
    code: '#include "/etc/passwd"\nint attack(int) { return 0; }',
    ends: ['compile_error', 'unsupported'],
  },
  {
    name: 'nothing can be written but /tmp, and that has an end',
    code: `#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>
int attack(int) {
  const char *places[] = {"/x", "/dev/x", "/lib/x", "/program"};
  for (const char *path : places) if (open(path, O_WRONLY | O_CREAT, 0600) >= 0) abort();
  int fd = open("/tmp/x", O_WRONLY | O_CREAT, 0600);
  static char block[1 << 20];
  for (int written = 0; written < 256; written++) if (write(fd, block, sizeof block) <= 0) return 0;
  abort();
}`,
    ends: ['success', 'memory_limit'],
  },
  {
    name: 'system calls that open the kernel are refused',
    code: `#include <errno.h>
#include <sched.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>
int attack(int) {
  if (unshare(CLONE_NEWUSER) == 0 || socket(AF_UNIX, SOCK_STREAM, 0) >= 0) abort();
  const long calls[] = {SYS_ptrace, SYS_mount, SYS_bpf, SYS_perf_event_open, SYS_keyctl, SYS_userfaultfd};
  for (long call : calls) {
    errno = 0;
    if (syscall(call, -1L, -1L, -1L, -1L, -1L) != -1 || errno != EPERM) abort();
  }
  return 0;
}`,
    ends: ['success'],
  },
  {
    name: 'a fork bomb is contained',
    code: '#include <unistd.h>\nint attack(int) { for (;;) fork(); }',
    ends: ['timeout', 'memory_limit', 'output_limit'],
  },
  {
    name: 'an endless loop is stopped',
    code: 'int attack(int) { volatile int x = 0; for (;;) x = x + 1; }',
    ends: ['timeout'],
  },
  {
    name: 'sleeping for ever, deaf to signals, is stopped',
    code: '#include <signal.h>\n#include <unistd.h>\nint attack(int) { signal(SIGTERM, SIG_IGN); for (;;) pause(); }',
    ends: ['timeout'],
  },
  {
    name: 'a flood of output is cut',
    code: '#include <stdio.h>\nint attack(int) { for (;;) puts("flood"); }',
    ends: ['output_limit'],
  },
  {
    name: 'memory has an end',
    code: `#include <stdlib.h>
#include <string.h>
int attack(int) {
  for (;;) {
    void *block = malloc(1 << 24);
    if (block == NULL) abort();
    memset(block, 1, 1 << 24);
  }
}`,
    ends: ['memory_limit', 'runtime_error'],
  },
  {
    name: 'a process that hides in a group of its own does not outlive the run',
    code: '#include <unistd.h>\nint attack(int) { if (fork() == 0) { setpgid(0, 0); for (;;) pause(); } return 0; }',
    ends: ['success'],
  },
]
