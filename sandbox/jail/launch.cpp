// The last trusted program before a stranger's: applies what its arguments say, in their order, then becomes PROGRAM.
//
//     launch OPERATION... -- PROGRAM ARGUMENT...
//
// It stands twice in the chain: outside the jail (joins the cgroup, and as root stages folders and gives up root) and
// inside (limits, addresses, environment, descriptors). Whatever fails is written to the fault descriptor, and that the
// program is about to start is written there too. The program never has that descriptor: a fault of the machine cannot
// be mistaken for an end of the program, nor forged by it.
#include <cerrno>
#include <climits>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <fcntl.h>
#include <grp.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/personality.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>
#include "watch.h"

#ifndef SYS_close_range
#define SYS_close_range 436
#endif

namespace {

int fault_fd = 2;
bool sealed = false;

[[noreturn]] void fail(const char *operation, const char *detail) {
  dprintf(fault_fd, "%s %s: %s\n", operation, detail, strerror(errno));
  _exit(125);
}

void require(bool ok, const char *operation, const char *detail) {
  if (!ok) fail(operation, detail);
}

unsigned long long number(const char *operation, const char *text) {
  char *end = nullptr;
  errno = 0;
  unsigned long long value = strtoull(text, &end, 10);
  if (errno == 0 && (end == text || *end != '\0')) errno = EINVAL;
  require(errno == 0, operation, text);
  return value;
}

// join FILE: moves this process into the cgroup whose list of members that is.
void join(const char *file) {
  int fd = open(file, O_WRONLY | O_CLOEXEC);
  require(fd >= 0 && write(fd, "0", 1) == 1, "join", file);
  close(fd);
}

// open FD FILE: gives what comes next FILE to read, as descriptor FD.
void open_as(const char *text, const char *file) {
  int wanted = static_cast<int>(number("open", text));
  int fd = open(file, O_RDONLY);
  require(fd >= 0, "open", file);
  if (fd == wanted) return;
  require(dup2(fd, wanted) == wanted, "open", file);
  close(fd);
}

// stage FOLDER: an empty file system over FOLDER that only this process and its children see.
void stage(const char *folder) {
  require(unshare(CLONE_NEWNS) == 0, "stage", "mount namespace");
  require(mount("none", "/", nullptr, MS_REC | MS_PRIVATE, nullptr) == 0, "stage", "/");
  require(mount("stage", folder, "tmpfs", MS_NOSUID | MS_NODEV, "mode=755,size=64k") == 0, "stage", folder);
}

// bind FOLDER PLACE: shows FOLDER at PLACE, read-only, whoever may enter the folders above it.
void bind_folder(const char *folder, const char *place) {
  require(mkdir(place, 0755) == 0, "bind", place);
  require(mount(folder, place, nullptr, MS_BIND, nullptr) == 0, "bind", folder);
  require(mount(nullptr, place, nullptr, MS_BIND | MS_REMOUNT | MS_RDONLY | MS_NOSUID | MS_NODEV, nullptr) == 0, "bind", place);
}

// user ID: becomes that user and group, without supplementary groups. There is no way back.
void become(const char *text) {
  auto id = static_cast<uid_t>(number("user", text));
  require(setgroups(0, nullptr) == 0, "user", "groups");
  require(setresgid(id, id, id) == 0, "user", "group");
  require(setresuid(id, id, id) == 0, "user", text);
}

// tether: dies with the process that started it, before bubblewrap sees to that itself.
void tether() { require(prctl(PR_SET_PDEATHSIG, SIGKILL) == 0, "tether", ""); }

// adopt: a child goes on with what follows; this process inherits what it leaves behind, and buries it. bubblewrap ends
// before its init has, and the first process of a container may be one that buries nobody.
void adopt() {
  require(prctl(PR_SET_CHILD_SUBREAPER, 1) == 0, "adopt", "");
  tether();
  pid_t adopter = getpid();
  pid_t child = fork();
  require(child >= 0, "adopt", "fork");
  if (child == 0) {
    tether();
    if (getppid() != adopter) _exit(125);
    return;
  }
  for (int fd = 0; fd < 16; fd++) close(fd);
  int status = 0, code = 125;
  for (pid_t ended; (ended = wait(&status)) >= 0 || errno == EINTR;) {
    if (ended == child) code = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
  }
  _exit(code);
}

// Closes every descriptor from `first` to `last`: at once where the kernel can (5.9), else one by one.
void close_all(unsigned first, unsigned last) {
  if (first > last || syscall(SYS_close_range, first, last, 0) == 0) return;
  for (unsigned fd = first; fd <= last && fd < 4096; fd++) close(static_cast<int>(fd));
}

// watch BYTES: a child goes on with what follows; this process watches the memory of all that the child starts.
void watch_memory(const char *text) {
  unsigned long long bytes = number("watch", text);
  sigset_t signals, before;
  sigemptyset(&signals);
  sigaddset(&signals, SIGCHLD);
  require(sigprocmask(SIG_BLOCK, &signals, &before) == 0, "watch", "signals");
  pid_t watcher = getpid();
  pid_t child = fork();
  require(child >= 0, "watch", "fork");
  if (child == 0) {
    sigprocmask(SIG_SETMASK, &before, nullptr);
    tether();
    if (getppid() != watcher) _exit(125);
    return;
  }
  // Pipes of the jail end with the jail, not with its watcher.
  auto kept = static_cast<unsigned>(fault_fd);
  close_all(0, kept - 1);
  close_all(kept + 1, UINT_MAX);
  watch::look(child, bytes, fault_fd, signals);
}

// expendable: when the machine itself runs out of memory, this goes before anything of its owner.
void expendable() {
  int fd = open("/proc/self/oom_score_adj", O_WRONLY | O_CLOEXEC);
  // A machine that does not let us say so has its reasons.
  if (fd < 0) return;
  [[maybe_unused]] ssize_t written = write(fd, "1000", 4);
  close(fd);
}

// background: what follows gets a processor when nobody else wants it. No program may change that: the filter refuses the calls.
void background() {
  const sched_param none{};
  require(sched_setscheduler(0, SCHED_IDLE, &none) == 0, "background", "");
}

struct Resource {
  const char *name;
  int id;
};
const Resource RESOURCES[] = {
    {"as", RLIMIT_AS},         {"core", RLIMIT_CORE},   {"cpu", RLIMIT_CPU},     {"data", RLIMIT_DATA},
    {"fsize", RLIMIT_FSIZE},   {"nofile", RLIMIT_NOFILE}, {"nproc", RLIMIT_NPROC}, {"stack", RLIMIT_STACK},
    {"memlock", RLIMIT_MEMLOCK}, {"msgqueue", RLIMIT_MSGQUEUE},
};

// limit NAME VALUE: soft and hard limit; a lower one that holds already stays.
void limit(const char *name, const char *text) {
  rlim_t value = number("limit", text);
  for (const Resource &resource : RESOURCES) {
    if (strcmp(resource.name, name) != 0) continue;
    auto id = static_cast<decltype(RLIMIT_AS)>(resource.id);
    rlimit now{};
    require(getrlimit(id, &now) == 0, "limit", name);
    if (now.rlim_max < value) value = now.rlim_max;
    const rlimit wanted{value, value};
    require(setrlimit(id, &wanted) == 0, "limit", name);
    return;
  }
  errno = EINVAL;
  fail("limit", name);
}

// seal: the program gets descriptors 0 to 3 and no other; the fault descriptor closes when it starts.
void seal() {
  auto kept = static_cast<unsigned>(fault_fd);
  close_all(4, kept - 1);
  close_all(kept + 1, UINT_MAX);
  require(fcntl(fault_fd, F_SETFD, FD_CLOEXEC) == 0, "seal", "fault descriptor");
  sealed = true;
}

char *environment[16] = {nullptr};
int environment_size = 0;

} // namespace

int main(int argc, char **argv) {
  int at = 1;
  // The next word; there is always one more than the operation needs, because "--" and PROGRAM follow.
  auto next = [&]() -> char * {
    errno = EINVAL;
    if (at >= argc) fail("launch", "arguments");
    return argv[at++];
  };
  for (char *word = next(); strcmp(word, "--") != 0; word = next()) {
    if (strcmp(word, "fault") == 0) fault_fd = static_cast<int>(number(word, next()));
    else if (strcmp(word, "join") == 0) join(next());
    else if (strcmp(word, "open") == 0) { char *fd = next(); open_as(fd, next()); }
    else if (strcmp(word, "stage") == 0) stage(next());
    else if (strcmp(word, "bind") == 0) { char *from = next(); bind_folder(from, next()); }
    else if (strcmp(word, "user") == 0) become(next());
    else if (strcmp(word, "tether") == 0) tether();
    else if (strcmp(word, "adopt") == 0) adopt();
    else if (strcmp(word, "watch") == 0) watch_memory(next());
    else if (strcmp(word, "expendable") == 0) expendable();
    else if (strcmp(word, "background") == 0) background();
    else if (strcmp(word, "limit") == 0) { char *name = next(); limit(name, next()); }
    else if (strcmp(word, "fixed-addresses") == 0) require(personality(ADDR_NO_RANDOMIZE) >= 0, word, "");
    else if (strcmp(word, "env") == 0) { char *entry = next(); if (environment_size < 15) environment[environment_size++] = entry; }
    else if (strcmp(word, "seal") == 0) seal();
    else { errno = EINVAL; fail("launch", word); }
  }
  char *program = next();
  if (sealed) require(write(fault_fd, "started\n", 8) == 8, "start", program);
  execve(program, argv + at - 1, environment);
  fail("exec", program);
}
