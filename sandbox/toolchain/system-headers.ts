/**
 * What a C library and a Linux kernel install among a system's headers, by the names at the top (GNU C library 2.31 to 2.42,
 * Linux up to 6.18). A text finds these and the compiler's own, whatever other libraries its machine has: it compiles on
 * every node or on none. A name that is not on a machine is left out there.
 */
export const SYSTEM_HEADERS: readonly string[] = [
  // Folders of both.
  ...['arpa', 'asm', 'asm-generic', 'bits', 'cxl', 'drm', 'finclude', 'fwctl', 'gnu', 'linux', 'misc', 'mtd', 'net', 'netash'],
  ...['netatalk', 'netax25', 'neteconet', 'netinet', 'netipx', 'netiucv', 'netpacket', 'netrom', 'netrose', 'nfs'],
  ...['protocols', 'rdma', 'regulator', 'rpc', 'scsi', 'sound', 'sys', 'video', 'xen'],
  // The C library's files.
  ...['a.out.h', 'aio.h', 'aliases.h', 'alloca.h', 'ar.h', 'argp.h', 'argz.h', 'assert.h', 'byteswap.h', 'complex.h'],
  ...['cpio.h', 'crypt.h', 'ctype.h', 'dirent.h', 'dlfcn.h', 'elf.h', 'endian.h', 'envz.h', 'err.h', 'errno.h', 'error.h'],
  ...['execinfo.h', 'fcntl.h', 'features-time64.h', 'features.h', 'fenv.h', 'fmtmsg.h', 'fnmatch.h', 'fpregdef.h'],
  ...['fpu_control.h', 'fstab.h', 'fts.h', 'ftw.h', 'gconv.h', 'getopt.h', 'glob.h', 'gnu-versions.h', 'grp.h', 'gshadow.h'],
  ...['iconv.h', 'ieee754.h', 'ifaddrs.h', 'inttypes.h', 'langinfo.h', 'lastlog.h', 'libgen.h', 'libintl.h', 'limits.h'],
  ...['link.h', 'locale.h', 'malloc.h', 'math.h', 'mcheck.h', 'memory.h', 'mntent.h', 'monetary.h', 'mqueue.h', 'netdb.h'],
  ...['nl_types.h', 'nss.h', 'obstack.h', 'paths.h', 'poll.h', 'printf.h', 'proc_service.h', 'pthread.h', 'pty.h', 'pwd.h'],
  ...['re_comp.h', 'regex.h', 'regexp.h', 'resolv.h', 'sched.h', 'search.h', 'semaphore.h', 'setjmp.h', 'sgtty.h'],
  ...['shadow.h', 'signal.h', 'spawn.h', 'stab.h', 'stdbit.h', 'stdc-predef.h', 'stdint.h', 'stdio.h', 'stdio_ext.h'],
  ...['stdlib.h', 'string.h', 'strings.h', 'syscall.h', 'sysexits.h', 'syslog.h', 'tar.h', 'termio.h', 'termios.h'],
  ...['tgmath.h', 'thread_db.h', 'threads.h', 'time.h', 'ttyent.h', 'uchar.h', 'ucontext.h', 'ulimit.h', 'unistd.h'],
  ...['utime.h', 'utmp.h', 'utmpx.h', 'values.h', 'wait.h', 'wchar.h', 'wctype.h', 'wordexp.h'],
]
