import {
  type Attack,
  FAILS,
  HARMS,
  HELD,
  LATE,
  LIMITS,
  NO_MEMORY,
  notShown,
  onHost,
  RUNS_ON,
  SHORT,
  SUCCESS,
  SYSTEM,
} from './attack.ts'

const ENDLESS = notShown('would need the whole machine to show; the bounded form beside it is shown')
const ITSELF = notShown('harms nobody but itself')

const KERNEL_WRAPPER = 'void run(int n) { int *d; cudaMalloc(&d, 4); attack<<<1, 1>>>(d); cudaDeviceSynchronize(); cudaFree(d); }'

const inKernel = (row: Pick<Attack, 'id' | 'name' | 'tries' | 'code' | 'ends' | 'control'> & Partial<Attack>): Attack => ({
  side: 'cuda',
  wrapper: KERNEL_WRAPPER,
  tests: ['wrapper(run, 1);'],
  ...row,
})

/** A process is what a limit counts, so each waits until all are there. */
const MANY_PROCESSES = `${SYSTEM}int attack(int) {
  prctl(PR_SET_NAME, "@mark@");
  int made = 0;
  for (; made < 200; made++) {
    pid_t child = fork();
    if (child < 0) break;
    if (child == 0) { sleep(20); _exit(0); }
  }
  if (made > 100) ESCAPED("more than a hundred processes at once");
  return 0;
}`

const SOCKET = `${SYSTEM}static int reach(int family, int type, const void *address, socklen_t size) {
  int fd = socket(family, type, 0);
  if (fd < 0) return -1;
  timeval limit{0, 200000};
  setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof limit);
  int done = type == SOCK_DGRAM ? (int)sendto(fd, "x", 1, 0, (const sockaddr *)address, size) : connect(fd, (const sockaddr *)address, size);
  if (done >= 0) ESCAPED("a socket reaches something");
  close(fd);
  return done;
}
static sockaddr_in at(const char *host, int port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  inet_pton(AF_INET, host, &address.sin_addr);
  return address;
}
`
const UNIX = (path: string, first: 0 | 1) => `${SOCKET}int attack(int) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  const char path[] = "${path}";
  memcpy(address.sun_path + ${first}, path, sizeof path - 1);
  reach(AF_UNIX, SOCK_STREAM, &address, offsetof(sockaddr_un, sun_path) + ${first} + sizeof path - 1);
  return 0;
}`

const READ = `${SYSTEM}static void show(const char *path) {
  char text[4096];
  int fd = open(path, O_RDONLY);
  ssize_t size = fd < 0 ? -1 : read(fd, text, sizeof text);
  if (size > 0) { ESCAPED(path); fwrite(text, 1, size, stdout); }
}
`

export const RUN_TIME: readonly Attack[] = [
  onHost({
    id: 'R1',
    name: 'fork bomb',
    tries: 'all processes the machine can have',
    code: `${SYSTEM}int attack(int) { prctl(PR_SET_NAME, "@mark@"); for (;;) fork(); }`,
    ends: [['timeout', 'memory_limit']],
    limits: SHORT,
    control: ENDLESS,
  }),
  onHost({
    id: 'R1',
    name: 'two hundred processes',
    tries: 'more processes than one test may have',
    code: MANY_PROCESSES,
    ends: [HELD],
    control: HARMS,
  }),
  {
    id: 'R1',
    name: 'two hundred threads',
    tries: 'the same with threads, beside a device',
    side: 'cuda',
    code: `#include <pthread.h>\n#include <unistd.h>\n__global__ void attack(int *a) { a[0] = 1; }
static void *rest(void *) { sleep(20); return nullptr; }`,
    wrapper: `void run(int n) {
  int made = 0;
  pthread_t thread;
  pthread_attr_t small;
  pthread_attr_init(&small);
  pthread_attr_setstacksize(&small, 65536);
  while (made < 200 && pthread_create(&thread, &small, rest, nullptr) == 0) made++;
  if (made > 100) puts("ESCAPED more than a hundred threads at once");
}`,
    tests: ['wrapper(run, 1);'],
    ends: [HELD],
    control: HARMS,
  },
  onHost({
    id: 'R2',
    name: 'kills all it can, and its parent',
    tries: 'the processes of the machine, the sandbox first',
    code: `${SYSTEM}int attack(int) { kill(-1, SIGKILL); kill(getppid(), SIGKILL); kill(1, SIGKILL); kill(0, SIGTERM); puts("alone"); return 0; }`,
    ends: [HELD],
    control: notShown('would end everything of this user'),
  }),
  onHost({
    id: 'R2',
    name: 'kills a process by its number',
    tries: 'a process of the same user outside',
    code: `${SYSTEM}int attack(int) { if (kill(@victim@, SIGKILL) == 0) ESCAPED("a process outside is signalled"); return 0; }`,
    ends: [HELD],
    control: HARMS,
  }),
  inKernel({
    id: 'R2',
    name: 'kills its host from a kernel',
    tries: 'the process that started the device',
    code: '#include <signal.h>\n#include <unistd.h>\n__global__ void attack(int *a) { kill(@victim@, SIGKILL); kill(getppid(), SIGKILL); a[0] = 1; }',
    ends: [['runtime_error', 'success', 'unsupported', 'compile_error']],
    control: HARMS,
  }),
  onHost({
    id: 'R3',
    name: 'allocates and fills 256 MiB',
    tries: 'four times the memory it may have',
    code: `${SYSTEM}int attack(int) {
  for (int i = 0; i < 16; i++) { void *block = malloc(1 << 24); if (!block) abort(); memset(block, i + 1, 1 << 24); }
  ESCAPED("256 MiB");
  return 0;
}`,
    ends: [NO_MEMORY],
    control: HARMS,
  }),
  onHost({
    id: 'R3',
    name: 'eight processes with 32 MiB each',
    tries: 'the same where each of them stays small',
    code: `${SYSTEM}int attack(int) {
  prctl(PR_SET_NAME, "@mark@");
  int done[2];
  (void)!pipe(done);
  for (int i = 0; i < 8; i++) if (fork() == 0) { void *block = malloc(32 << 20); memset(block, 1, 32 << 20); (void)!write(done[1], "x", 1); sleep(20); _exit(0); }
  char all[8];
  for (int i = 0; i < 8; i++) if (read(done[0], all + i, 1) != 1) return 1;
  ESCAPED("256 MiB");
  return 0;
}`,
    ends: [['memory_limit', 'timeout', 'success']],
    limits: { wallMs: 5_000 },
    control: HARMS,
  }),
  onHost({
    id: 'R3',
    name: 'files in memory',
    tries: 'memory that is no process’s',
    code: `${SYSTEM}int attack(int) {
  static char block[1 << 20];
  memset(block, 1, sizeof block);
  int written = 0;
  for (int file = 0; file < 8; file++) {
    int fd = (int)syscall(SYS_memfd_create, "x", 0);
    for (int i = 0; fd >= 0 && i < 32 && write(fd, block, sizeof block) > 0; i++) written++;
  }
  if (written > 200) ESCAPED("200 MiB");
  return 0;
}`,
    ends: [['memory_limit', 'success', 'runtime_error']],
    control: HARMS,
  }),
  onHost({
    id: 'R3',
    name: 'shared memory that it lets go and keeps',
    tries: 'memory that is no process’s, by mappings of which one page is left',
    code: `${SYSTEM}int attack(int) {
  const size_t piece = 16 << 20;
  int held = 0;
  for (int i = 0; i < 16; i++) {
    char *p = (char *)mmap(nullptr, piece, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (p == MAP_FAILED) break;
    memset(p, 1, piece);
    munmap(p + 4096, piece - 4096);
    held++;
  }
  if (held == 16) ESCAPED("256 MiB");
  return 0;
}`,
    ends: [['memory_limit', 'runtime_error', 'success']],
    control: HARMS,
  }),
  onHost({
    id: 'R3',
    name: 'shared memory that nobody holds',
    tries: 'the same with memory of System V',
    code: `${SYSTEM}int attack(int) {
  int held[8], made = 0;
  for (; made < 8; made++) {
    held[made] = shmget(IPC_PRIVATE, 32 << 20, IPC_CREAT | 0600);
    void *at = held[made] < 0 ? (void *)-1 : shmat(held[made], nullptr, 0);
    if (at == (void *)-1) break;
    memset(at, 1, 32 << 20);
    shmdt(at);
  }
  if (made == 8) ESCAPED("256 MiB");
  for (int i = 0; i < made; i++) shmctl(held[i], IPC_RMID, nullptr);
  return 0;
}`,
    ends: [['memory_limit', 'success', 'runtime_error']],
    control: HARMS,
  }),
  inKernel({
    id: 'R3',
    name: 'the memory of a device',
    tries: 'more device memory than it may have memory',
    code: '__global__ void attack(int *a) { for (long i = 0; i < 48l << 20; i += 1024) a[i] = 1; }',
    wrapper:
      'void run(int n) { int *d; if (cudaMalloc(&d, 192l << 20) != cudaSuccess) abort(); attack<<<1, 1>>>(d); if (cudaDeviceSynchronize() == cudaSuccess) puts("ESCAPED 192 MiB"); }',
    ends: [NO_MEMORY],
    control: HARMS,
  }),
  onHost({
    id: 'R4',
    name: '10 GB of output',
    tries: 'to fill memory, disk or time of whoever reads it',
    code: `${SYSTEM}int attack(int) {
  static char block[1 << 20];
  memset(block, 'x', sizeof block);
  for (int i = 0; i < 10 * 1024; i++) if (write(1, block, sizeof block) < 0) return 1;
  return 0;
}`,
    ends: [['output_limit']],
    control: HARMS,
  }),
  onHost({
    id: 'R4',
    name: '10 GB of complaints',
    tries: 'the same by the other pipe',
    code: `${SYSTEM}int attack(int) {
  static char block[1 << 20];
  memset(block, 'x', sizeof block);
  for (int i = 0; i < 10 * 1024; i++) if (write(2, block, sizeof block) < 0) return 1;
  return 0;
}`,
    ends: [['output_limit']],
    control: HARMS,
  }),
  inKernel({
    id: 'R4',
    name: 'a kernel that prints',
    tries: 'the same from the device, again and again',
    code: '#include <stdio.h>\n__global__ void attack(int *a) { for (int i = 0; i < 10000; i++) printf("xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx\\n"); }',
    wrapper: 'void run(int n) { int *d; cudaMalloc(&d, 4); for (;;) { attack<<<1, 1>>>(d); cudaDeviceSynchronize(); } }',
    ends: [['output_limit']],
    control: HARMS,
  }),
  onHost({
    id: 'R5',
    name: 'fills its folder',
    tries: 'the disk of the machine',
    code: `${SYSTEM}int attack(int) {
  static char block[1 << 20];
  memset(block, 'x', sizeof block);
  int fd = open("full", O_CREAT | O_WRONLY, 0600), written = 0;
  while (written < 64 && write(fd, block, sizeof block) > 0) written++;
  if (written > 32) ESCAPED("64 MiB on disk");
  return 0;
}`,
    ends: [['success', 'runtime_error', 'memory_limit']],
    control: HARMS,
  }),
  onHost({
    id: 'R5',
    name: 'a file with a hole of a terabyte',
    tries: 'room that is counted when it is too late',
    code: `${SYSTEM}int attack(int) {
  int fd = open("hole", O_CREAT | O_WRONLY, 0600);
  if (ftruncate(fd, 1l << 40) == 0) ESCAPED("a terabyte");
  return 0;
}`,
    ends: [HELD],
    control: HARMS,
  }),
  onHost({
    id: 'R5',
    name: 'writes elsewhere',
    tries: 'places that are not its own',
    code: `${SYSTEM}int attack(int) {
  for (const char *path : {"@home@", "@temporary@", "@cache@", "@home@.new", "@temporary@.new", "@cache@.new"}) {
    int fd = open(path, O_CREAT | O_WRONLY | O_APPEND, 0600);
    if (fd >= 0 && write(fd, "x", 1) == 1) ESCAPED(path);
    if (rename(path, "moved") == 0 || unlink(path) == 0) ESCAPED(path);
  }
  return 0;
}`,
    ends: [SUCCESS],
    control: HARMS,
  }),
  onHost({
    id: 'R6',
    name: 'links out of the box',
    tries: 'to have the machine follow them when it takes the result',
    code: `${SYSTEM}int attack(int) {
  unlink("product"); unlink("/program");
  symlink("@home@", "product"); symlink("@home@", "output"); link("@home@", "hard");
  symlink("/", "root"); mkdir("folder", 0700); symlink("../../../../../..@temporary@", "folder/up");
  for (const char *path : {"product", "hard", "folder/up"}) {
    int fd = open(path, O_WRONLY | O_APPEND);
    if (fd >= 0 && write(fd, "x", 1) == 1) ESCAPED(path);
  }
  return 0;
}`,
    ends: [SUCCESS],
    control: HARMS,
  }),
  onHost({
    id: 'R7',
    name: 'TCP to this machine',
    tries: 'a service that listens on loopback only',
    code: `${SOCKET}int attack(int) { sockaddr_in address = at("127.0.0.1", @tcp@); reach(AF_INET, SOCK_STREAM, &address, sizeof address); return 0; }`,
    ends: [HELD],
    control: HARMS,
  }),
  onHost({
    id: 'R7',
    name: 'UDP to this machine',
    tries: 'the same without a connection',
    // A datagram to nobody is sent without an error where there is a loopback: only the bait tells whether it came.
    code: `${SYSTEM}int attack(int) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(@udp@);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  sendto(socket(AF_INET, SOCK_DGRAM, 0), "x", 1, 0, (sockaddr *)&address, sizeof address);
  return 0;
}`,
    ends: [HELD],
    control: HARMS,
  }),
  onHost({
    id: 'R7',
    name: 'a unix socket',
    tries: 'a service that has a name in a folder',
    code: UNIX('@unix@', 0),
    ends: [HELD],
    control: HARMS,
  }),
  onHost({
    id: 'R7',
    name: 'an abstract socket',
    tries: 'a service that has a name in no folder',
    code: UNIX('@abstract@', 1),
    ends: [HELD],
    control: HARMS,
  }),
  onHost({
    id: 'R7',
    name: 'the address of clouds, and the world',
    tries: 'the keys of a rented machine, or other machines',
    code: `${SOCKET}int attack(int) {
  for (const char *host : {"169.254.169.254", "192.0.2.1", "10.0.0.1"}) { sockaddr_in address = at(host, 80); reach(AF_INET, SOCK_STREAM, &address, sizeof address); }
  sockaddr_in name = at("192.0.2.1", 53);
  reach(AF_INET, SOCK_DGRAM, &name, sizeof name);
  return 0;
}`,
    ends: [HELD],
    control: notShown('a test sends nothing to addresses that are not its own'),
  }),
  onHost({
    id: 'R8',
    name: 'an orphan in a session of its own',
    tries: 'to outlive its run',
    code: `${SYSTEM}int attack(int) {
  if (fork() == 0) {
    setsid();
    setpgid(0, 0);
    if (fork() != 0) _exit(0);
    prctl(PR_SET_NAME, "@mark@");
    for (int signal = 1; signal < 32; signal++) ::signal(signal, SIG_IGN);
    for (int fd = 0; fd < 64; fd++) close(fd);
    sleep(20);
    _exit(0);
  }
  usleep(100000);
  return 0;
}`,
    ends: [SUCCESS],
    control: HARMS,
  }),
  onHost({
    id: 'R8',
    name: 'an orphan that keeps the output open',
    tries: 'to have whoever reads it wait',
    code: `${SYSTEM}int attack(int) { if (fork() == 0) { setsid(); setpgid(0, 0); prctl(PR_SET_NAME, "@mark@"); sleep(20); _exit(0); } usleep(100000); return 0; }`,
    ends: [SUCCESS],
    control: HARMS,
  }),
  onHost({
    id: 'R9',
    name: 'sleeps for ever',
    tries: 'to hold its place without using any time of the processor',
    code: `${SYSTEM}int attack(int) { for (;;) pause(); }`,
    ends: [LATE],
    limits: SHORT,
    control: notShown('the row of R10 shows it'),
  }),
  inKernel({
    id: 'R9',
    name: 'a kernel without end',
    tries: 'the same in the device',
    code: '__global__ void attack(int *a) { for (int i = 0; a[0] != -1; i += 2) a[0] = i & 255; }',
    ends: [LATE],
    limits: SHORT,
    control: notShown('the row of R10 shows it'),
  }),
  onHost({
    id: 'R10',
    name: 'deaf to every signal that can be ignored',
    tries: 'to be asked to end and stay',
    code: `${SYSTEM}int attack(int) {
  prctl(PR_SET_NAME, "@mark@");
  for (int signal = 1; signal < 65; signal++) ::signal(signal, SIG_IGN);
  sigset_t all;
  sigfillset(&all);
  sigprocmask(SIG_BLOCK, &all, nullptr);
  for (;;) pause();
}`,
    ends: [LATE],
    limits: SHORT,
    control: RUNS_ON,
  }),
  onHost({
    id: 'R11',
    name: 'reads what there is',
    tries: 'files of home, /etc, /proc and /sys, keys',
    code: `${READ}int attack(int) {
  for (const char *path : {"@home@", "@temporary@", "@cache@", "/etc/passwd", "/etc/hostname", "/etc/machine-id", "/proc/self/environ", "/proc/1/environ",
                           "/proc/self/mountinfo", "/proc/cpuinfo", "/proc/@victim@/environ", "/proc/@victim@/cmdline", "/sys/kernel/vmcoreinfo", "/sys/class/dmi/id/product_name",
                           "/root/.ssh/id_ed25519", "/root/.bashrc", "/var/log/dpkg.log", "/dev/kmsg", "/dev/mem", "/run/utmp", "/boot/config"}) show(path);
  return 0;
}`,
    ends: [SUCCESS],
    control: HARMS,
  }),
  onHost({
    id: 'R11',
    name: 'its environment',
    tries: 'keys that were given to the node by environment',
    code: `${SYSTEM}int attack(int) {
  for (char **entry = environ; *entry; entry++) if (strncmp(*entry, "PATH=", 5) && strncmp(*entry, "LANG=", 5)) ESCAPED(*entry);
  return 0;
}`,
    ends: [SUCCESS],
    control: HARMS,
  }),
  onHost({
    id: 'R12',
    name: 'traces another process',
    tries: 'memory and registers of a process of the same user',
    code: `${SYSTEM}#include <sys/uio.h>
int attack(int) {
  char byte;
  iovec to{&byte, 1}, from{(void *)environ, 1};
  if (ptrace(PTRACE_SEIZE, @victim@, 0, 0) == 0) ESCAPED("traces a process outside");
  if (syscall(SYS_process_vm_readv, @victim@, &to, 1, &from, 1, 0) > 0) ESCAPED("reads memory of a process outside");
  return 0;
}`,
    ends: [HELD],
    control: { outside: 'harms', needs: 'root' },
  }),
  onHost({
    id: 'R12',
    name: 'new namespaces',
    tries: 'rights over a namespace of its own, the door to most faults of kernels',
    code: `${SYSTEM}int attack(int) {
  for (int kind : {CLONE_NEWUSER, CLONE_NEWNS, CLONE_NEWNET, CLONE_NEWPID, CLONE_NEWUTS, CLONE_NEWIPC}) if (unshare(kind) == 0) ESCAPED("a namespace");
  return 0;
}`,
    ends: [HELD],
    control: { outside: 'harms', needs: 'root' },
  }),
  onHost({
    id: 'R12',
    name: 'mounts',
    tries: 'to show itself other file systems',
    code: `${SYSTEM}int attack(int) {
  mkdir("at", 0700);
  if (mount("none", "at", "tmpfs", 0, "") == 0) { ESCAPED("a mount"); umount("at"); }
  if (mount("proc", "at", "proc", 0, "") == 0) { ESCAPED("/proc"); umount("at"); }
  if (chroot("at") == 0) ESCAPED("another root");
  return 0;
}`,
    ends: [HELD],
    control: { outside: 'harms', needs: 'root' },
  }),
  onHost({
    id: 'R12',
    name: 'programs for the kernel',
    tries: 'bpf, performance counters of the machine, keys of the kernel, modules',
    code: `${SYSTEM}int attack(int) {
  char zeros[128] = {};
  struct { unsigned type, size; unsigned long config, rest[14]; } counter = {0, 128, 0, {}};
  *(unsigned *)zeros = 2; *(unsigned *)(zeros + 4) = 4; *(unsigned *)(zeros + 8) = 4; *(unsigned *)(zeros + 12) = 1;
  if (syscall(SYS_bpf, 0, zeros, sizeof zeros) >= 0) ESCAPED("a map of bpf");
  if (syscall(SYS_perf_event_open, &counter, -1, 0, -1, 0) >= 0) ESCAPED("counters of a whole processor");
  if (syscall(SYS_init_module, zeros, sizeof zeros, "") == 0 || errno != EPERM) if (errno == ENOEXEC) ESCAPED("modules");
  if (syscall(SYS_setns, 0, 0) == 0) ESCAPED("another namespace");
  if (syscall(SYS_sethostname, "escaped", 7) == 0) ESCAPED("the name of the machine");
  return 0;
}`,
    ends: [HELD],
    control: notShown('as root it would change the machine, as anybody else it fails outside as well'),
  }),
  {
    id: 'R13',
    name: 'ends in every bad way',
    tries: 'to be taken for a fault of the machine, or for a limit',
    side: 'cpp',
    code: `${SYSTEM}int fine(int x) { return x; }`,
    tests: [
      'volatile int *nothing = nullptr; *nothing = 1;',
      'abort();',
      '_exit(137);',
      '_exit(124);',
      'kill(getpid(), SIGKILL); pause();',
      'kill(getpid(), SIGXCPU); pause();',
      'throw 1;',
      'wrapper(fine, 7);',
    ],
    ends: [FAILS, FAILS, FAILS, FAILS, FAILS, FAILS, FAILS, SUCCESS],
    prints: [null, null, '', '', '', null, null, 'Return value: 7\nArguments after function call: (7)\n'],
    control: ITSELF,
  },
  {
    id: 'R14',
    name: 'bytes that are no text',
    tries: 'to have the reader of the output fail',
    side: 'cpp',
    code: `${SYSTEM}`,
    tests: ['fwrite("\\xff\\xfe\\0\\xc3(\\xed\\xa0\\x80\\r\\n\\x1b[2J", 1, 14, stdout);'],
    ends: [SUCCESS],
    prints: ['\u{ff}\u{fe}\0\u{c3}(\u{ed}\u{a0}\u{80}\r\n\u{1b}[2J'],
    control: ITSELF,
  },
  onHost({
    id: 'R14',
    name: 'one line of 10 MB',
    tries: 'the same by its length',
    code: `${SYSTEM}int attack(int) { static char line[10 << 20]; memset(line, 'x', sizeof line); fwrite(line, 1, sizeof line, stdout); return 0; }`,
    ends: [['output_limit']],
    limits: { outputBytes: LIMITS.outputBytes },
    control: notShown('the flood of R4 shows it'),
  }),
]
