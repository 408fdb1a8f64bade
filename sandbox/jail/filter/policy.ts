import { constants } from 'node:os'

/**
 * Which system calls a jailed program may make, as data. Closed by default: a call that is in no row gets EPERM, one that
 * is newer than our table ENOSYS, as from an older kernel, so that the C library does without it.
 */

/**
 * The kinds of jail. `gpu` is what CUDA's driver needs beside what a run may; `gpu-more`, where that does not do, what it may ask
 * for by what is known of it; `gpu-checked` is for compute-sanitizer, whose two halves speak by sockets.
 */
export type FilterName = 'run' | 'compile' | GpuFilterName
export type GpuFilterName = 'gpu' | 'gpu-more' | 'gpu-checked'

const CPU: readonly FilterName[] = ['run', 'compile']
const GPU: readonly FilterName[] = ['gpu', 'gpu-more', 'gpu-checked']
const MORE: readonly FilterName[] = ['gpu-more', 'gpu-checked']

/**
 * Looks at one argument of a call. Only its low 32 bits are compared: name only arguments of which the kernel itself
 * looks at no more.
 */
export type Condition =
  /** It is one of these. */
  | { arg: number; oneOf: readonly number[] }
  /** None of these bits is set. */
  | { arg: number; without: number }
  /** Not all of these bits are set. */
  | { arg: number; notAll: number }
  /** It is one of these, or below a number, or has these bits of a mask. */
  | { arg: number; oneOf: readonly number[]; below: number; masked: { mask: number; value: number } }

export interface AllowedCalls {
  calls: readonly string[]
  reason: string
  /** @default in all kinds */
  only?: readonly FilterName[]
  when?: Condition
}

/** CLONE_NEWNS, NEWCGROUP, NEWUTS, NEWIPC, NEWUSER, NEWPID, NEWNET; CLONE_NEWTIME is for clone3 and unshare only. */
const NEW_NAMESPACES = 0x7e020000
/** MAP_SHARED and MAP_ANONYMOUS. */
const SHARED_ANONYMOUS = 0x21
/** personality(2) with these only: no random addresses (what our launcher asks for), or a question. */
const PERSONALITIES = [0x0040000, 0xffffffff] as const
/** TCGETS, TIOCGWINSZ, FIONREAD, FIONBIO, FIONCLEX, FIOCLEX: is this a terminal, how much is there. Nothing that writes into one. */
const QUESTIONS = [0x5401, 0x5413, 0x541b, 0x5421, 0x5450, 0x5451] as const
/** PR_SET_PDEATHSIG, GET_PDEATHSIG, GET_DUMPABLE, SET_NAME, GET_NAME, SET_NO_NEW_PRIVS, GET_NO_NEW_PRIVS, SET_VMA. */
const OWN_SETTINGS = [1, 2, 3, 15, 16, 38, 39, 0x53564d41] as const
/** ARCH_SET_FS, ARCH_GET_FS: the register of thread-local data. */
const THREAD_REGISTER = [0x1002, 0x1003] as const

/** _IOC_TYPE of the orders to /dev/nvidiactl and /dev/nvidiaN is 'F'. Terminals are 'T', file systems 'f'. */
const NVIDIA_ORDERS = { mask: 0xff00, value: 0x4600 } as const
/** Orders to /dev/nvidia-uvm are plain small numbers; to other files the two that are so small ask for sizes of blocks. */
const UVM_ORDERS = 0x100
/** UVM_INITIALIZE and UVM_DEINITIALIZE. */
const UVM_OPENING = [0x30000001, 0x30000002] as const

export const ALLOWED: readonly AllowedCalls[] = [
  {
    calls: ['read', 'write', 'readv', 'writev', 'pread64', 'pwrite64', 'preadv', 'pwritev', 'lseek', 'close', 'close_range'],
    reason: 'input and output on descriptors it has',
  },
  {
    calls: ['open', 'openat', 'creat', 'stat', 'fstat', 'lstat', 'newfstatat', 'statx', 'access', 'faccessat', 'faccessat2'],
    reason: 'files; which there are, the mounts say',
  },
  {
    calls: ['getdents', 'getdents64', 'getcwd', 'chdir', 'fchdir', 'readlink', 'readlinkat', 'statfs', 'fstatfs', 'umask'],
    reason: 'folders; which there are, the mounts say',
  },
  {
    calls: ['mkdir', 'mkdirat', 'rmdir', 'unlink', 'unlinkat', 'rename', 'renameat', 'renameat2'],
    reason: 'temporary files in the /tmp of its own',
  },
  {
    calls: ['link', 'linkat', 'symlink', 'symlinkat', 'chmod', 'fchmod', 'fchmodat', 'utimensat'],
    reason: 'as above; the linker marks its product executable, and nothing outside follows a link',
  },
  {
    calls: ['ftruncate', 'truncate', 'fallocate', 'fsync', 'fdatasync', 'flock', 'sendfile', 'copy_file_range', 'fadvise64'],
    reason: 'contents of such files, within the size of /tmp',
  },
  { calls: ['dup', 'dup2', 'dup3', 'fcntl', 'pipe', 'pipe2'], reason: 'descriptors and pipes of its own' },
  {
    calls: ['ioctl'],
    only: CPU,
    when: { arg: 1, oneOf: QUESTIONS },
    reason: 'the C library asks whether its output is a terminal',
  },
  { calls: ['munmap', 'mprotect', 'mremap', 'brk', 'madvise', 'msync', 'mincore'], reason: 'memory, within its limit' },
  {
    calls: ['mmap'],
    only: ['run', 'compile', 'gpu'],
    when: { arg: 3, notAll: SHARED_ANONYMOUS },
    reason:
      'as above; not memory that is shared and in no file, whose unmapped pages stay and are counted nowhere without a cgroup. A file has the size of its file system for a bound',
  },
  {
    calls: ['clone'],
    when: { arg: 0, without: NEW_NAMESPACES },
    reason: 'processes and threads, within their limit; new namespaces are the door to most faults of kernels',
  },
  { calls: ['fork', 'vfork', 'execve', 'execveat', 'exit', 'exit_group', 'wait4', 'waitid'], reason: 'processes of its own' },
  {
    calls: ['getpid', 'getppid', 'gettid', 'getpgid', 'getpgrp', 'getsid', 'setpgid'],
    reason: 'numbers of processes of its own namespace',
  },
  {
    calls: ['getuid', 'geteuid', 'getgid', 'getegid', 'getresuid', 'getresgid', 'getgroups', 'uname', 'sysinfo', 'getcpu'],
    reason: 'questions about itself and the machine; compilers size their heap by the answer',
  },
  { calls: ['prlimit64', 'getrlimit', 'setrlimit'], reason: 'our launcher sets limits; later they can only be lowered' },
  { calls: ['personality'], when: { arg: 0, oneOf: PERSONALITIES }, reason: 'our launcher turns random addresses off' },
  { calls: ['prctl'], when: { arg: 0, oneOf: OWN_SETTINGS }, reason: 'names of threads, and the emulator dies with its parent' },
  { calls: ['arch_prctl'], when: { arg: 0, oneOf: THREAD_REGISTER }, reason: 'the start of every program on x86-64' },
  {
    calls: ['set_tid_address', 'set_robust_list', 'rseq', 'futex', 'membarrier', 'sched_yield'],
    reason: 'threads, and waiting for each other',
  },
  {
    calls: ['sched_getaffinity', 'sched_getparam', 'sched_getscheduler', 'sched_get_priority_max', 'sched_get_priority_min'],
    reason: 'how many processors there are',
  },
  { calls: ['getpriority', 'getrusage', 'times'], reason: 'what it has used itself' },
  {
    calls: ['rt_sigaction', 'rt_sigprocmask', 'rt_sigreturn', 'rt_sigsuspend', 'rt_sigpending', 'rt_sigtimedwait', 'sigaltstack'],
    reason: 'handling of signals',
  },
  {
    calls: ['kill', 'tkill', 'tgkill', 'pause', 'restart_syscall'],
    reason: 'signals; its namespace holds only its own processes',
  },
  {
    calls: ['nanosleep', 'clock_nanosleep', 'clock_gettime', 'clock_getres', 'gettimeofday', 'time', 'alarm'],
    reason: 'clocks; where the kernel has them in user space they never get here',
  },
  {
    calls: ['setitimer', 'getitimer', 'timer_create', 'timer_settime', 'timer_gettime', 'timer_getoverrun', 'timer_delete'],
    only: ['run', ...GPU],
    reason: 'timers; programs that measure or limit themselves',
  },
  {
    calls: ['poll', 'ppoll', 'select', 'pselect6', 'eventfd', 'eventfd2'],
    only: ['run', ...GPU],
    reason: 'waiting for pipes and events of its own',
  },
  { calls: ['getrandom'], reason: 'random numbers; the C++ library seeds its tables by it' },
  {
    calls: ['ioctl'],
    only: GPU,
    when: { arg: 1, oneOf: [...QUESTIONS, ...UVM_OPENING], below: UVM_ORDERS, masked: NVIDIA_ORDERS },
    reason: 'every order to the GPU is one; which devices there are, the mounts say',
  },
  {
    calls: ['epoll_create1', 'epoll_ctl', 'epoll_wait', 'epoll_pwait', 'get_mempolicy'],
    only: GPU,
    reason: "the driver's library waits for the GPU's events, and asks where memory lies",
  },
  {
    calls: ['mmap'],
    only: MORE,
    reason: 'memory that the driver shares with the GPU, in whatever form it asks; held by a cgroup or the watch',
  },
  {
    calls: [
      'memfd_create',
      'mlock',
      'munlock',
      'mbind',
      'set_mempolicy',
      'sched_setaffinity',
      'timerfd_create',
      'timerfd_settime',
    ],
    only: MORE,
    reason: 'memory for the GPU that must stay where it is, near it, and threads near it; no more than its limits',
  },
  {
    calls: ['socket', 'socketpair', 'bind', 'listen', 'connect', 'accept', 'accept4', 'getsockname', 'getpeername', 'shutdown'],
    only: ['gpu-checked'],
    reason:
      'compute-sanitizer and what it put into the program speak by sockets; the jail has a network of its own with nobody in it',
  },
  {
    calls: ['sendto', 'sendmsg', 'recvfrom', 'recvmsg', 'setsockopt', 'getsockopt'],
    only: ['gpu-checked'],
    reason: 'as above: messages of those sockets',
  },
  { calls: ['setsid'], only: ['gpu-checked'], reason: 'as above: its halves were never seen without it' },
]

export interface RefusedCalls {
  calls: readonly string[]
  error: 'EPERM' | 'ENOSYS'
  reason: string
}

/**
 * Calls that would be refused without a word, for they are in no row above. They stand here because of what they open, so
 * that nobody allows them without having read it; and those whose refusal must be another error.
 */
export const REFUSED: readonly RefusedCalls[] = [
  {
    calls: ['clone3'],
    error: 'ENOSYS',
    reason: 'its flags are in memory, where no filter can look; the C library then takes clone',
  },
  {
    calls: ['ptrace', 'process_vm_readv', 'process_vm_writev', 'kcmp'],
    error: 'EPERM',
    reason: 'reading and steering processes',
  },
  {
    calls: ['process_madvise', 'pidfd_open', 'pidfd_getfd', 'pidfd_send_signal'],
    error: 'EPERM',
    reason: 'handles on other processes, and their descriptors',
  },
  {
    calls: ['unshare', 'setns', 'chroot', 'pivot_root'],
    error: 'EPERM',
    reason: 'another view of the system, with rights in it that this one does not give',
  },
  {
    calls: ['mount', 'umount2', 'open_tree', 'move_mount', 'fsopen', 'fsconfig', 'fsmount', 'fspick', 'mount_setattr'],
    error: 'EPERM',
    reason: 'file systems, whose drivers trust what they read',
  },
  {
    calls: ['bpf', 'perf_event_open', 'userfaultfd', 'seccomp'],
    error: 'EPERM',
    reason: 'programs for the kernel, its counters, and the means to stop it half-way',
  },
  {
    calls: ['io_uring_setup', 'io_uring_enter', 'io_uring_register'],
    error: 'EPERM',
    reason: 'runs calls where no filter sees them',
  },
  {
    calls: ['socket', 'socketpair', 'connect', 'bind', 'listen', 'accept', 'accept4', 'shutdown'],
    error: 'EPERM',
    reason: 'no network of any family, not even to itself: every family is a driver of its own',
  },
  {
    calls: ['sendto', 'sendmsg', 'sendmmsg', 'recvfrom', 'recvmsg', 'recvmmsg', 'setsockopt', 'getsockopt'],
    error: 'EPERM',
    reason: 'its standard streams are sockets of ours: they can be read and written, and no descriptor passed or setting changed',
  },
  {
    calls: ['kexec_load', 'kexec_file_load', 'reboot', 'init_module', 'finit_module', 'delete_module', 'swapon', 'swapoff'],
    error: 'EPERM',
    reason: 'the machine itself',
  },
  { calls: ['keyctl', 'add_key', 'request_key'], error: 'EPERM', reason: 'keys are not told apart by namespace' },
  {
    calls: ['shmget', 'shmat', 'shmctl', 'semget', 'semop', 'semctl', 'msgget', 'msgsnd', 'msgctl', 'mq_open'],
    error: 'EPERM',
    reason: 'memory and queues that outlive who made them',
  },
  {
    calls: ['memfd_create'],
    error: 'EPERM',
    reason: 'memory that no process maps: where no cgroup counts it, nobody does; processes share files instead',
  },
  { calls: ['mlock', 'mlock2', 'mlockall', 'memfd_secret'], error: 'EPERM', reason: 'memory that cannot be taken back' },
  {
    calls: ['mbind', 'set_mempolicy', 'migrate_pages', 'move_pages'],
    error: 'EPERM',
    reason: 'where memory of the machine lies',
  },
  {
    calls: ['sched_setscheduler', 'sched_setattr', 'sched_setaffinity', 'setpriority', 'ioprio_set', 'setsid'],
    error: 'EPERM',
    reason: 'no share of the processors other than it was given; a new session has an ordinary one (`standBack`)',
  },
  {
    calls: ['setuid', 'setgid', 'setresuid', 'setresgid', 'setgroups', 'setfsuid', 'capset', 'chown', 'fchown', 'fchownat'],
    error: 'EPERM',
    reason: 'it is nobody, and stays that',
  },
  {
    calls: ['fanotify_init', 'inotify_init1', 'name_to_handle_at', 'open_by_handle_at', 'quotactl', 'syslog', 'acct'],
    error: 'EPERM',
    reason: 'looks at what the host has',
  },
  { calls: ['modify_ldt', 'iopl', 'ioperm'], error: 'EPERM', reason: 'old corners of the processor' },
  {
    calls: ['vmsplice', 'splice', 'tee'],
    error: 'EPERM',
    reason: 'pages in pipes: nothing honest needs it, faults have been there',
  },
  {
    calls: ['mknod', 'mknodat', 'setxattr', 'lsetxattr', 'fsetxattr'],
    error: 'EPERM',
    reason: 'special files and rights of files',
  },
]

export const ERRORS: Readonly<Record<RefusedCalls['error'], number>> = {
  EPERM: constants.errno.EPERM,
  ENOSYS: constants.errno.ENOSYS,
}
