// Watches the memory of everything in a jail where no cgroup counts it.
//
// The launcher forks: the child goes on to bubblewrap, the parent looks every LOOK_MS at what the jail's processes hold
// together, and kills its init when that is over the limit. Afterwards the kernel tells the largest that any process has
// been, so that one which was over between two looks is known too.
//
// Not seen is memory that no process maps: files in /tmp, which have its size as their bound; what the kernel holds for
// pipes and inodes; and pages of a shared mapping that were let go, which the kernel keeps for as long as any page of that
// mapping is left. Nothing bounds those last ones but the machine, so the machine is looked at as well: when it has little
// memory left, the run is ended, as a fault of the machine, before the kernel has to choose whom to kill.
#pragma once
#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <dirent.h>
#include <fcntl.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <ctime>
#include <unistd.h>

namespace watch {

constexpr long LOOK_MS = 10;
// More than the tasks any jail may have.
constexpr int MAX_PROCESSES = 512;
// Left for the owner of the machine and for what the kernel needs to let go of the rest.
constexpr unsigned long long SPARE_BYTES = 256ull << 20;
// Libraries count in what a process has been at its largest, and are not its own.
constexpr unsigned long long LIBRARY_BYTES = 32ull << 20;

struct Processes {
  pid_t pids[MAX_PROCESSES];
  int count = 0;
};

// The text of a file of /proc; empty when the process is gone.
inline const char *text_of(const char *path) {
  static char text[16 * 1024];
  text[0] = '\0';
  int fd = open(path, O_RDONLY | O_CLOEXEC);
  if (fd < 0) return text;
  ssize_t size = read(fd, text, sizeof text - 1);
  text[size > 0 ? size : 0] = '\0';
  close(fd);
  return text;
}

// Adds the children of one process, of each of its threads.
inline void add_children(pid_t parent, Processes &found) {
  char path[64];
  snprintf(path, sizeof path, "/proc/%d/task", parent);
  DIR *threads = opendir(path);
  if (threads == nullptr) return;
  while (const dirent *thread = readdir(threads)) {
    if (thread->d_name[0] == '.') continue;
    snprintf(path, sizeof path, "/proc/%d/task/%.16s/children", parent, thread->d_name);
    const char *at = text_of(path);
    for (char *end; found.count < MAX_PROCESSES; at = end) {
      long pid = strtol(at, &end, 10);
      if (end == at) break;
      found.pids[found.count++] = static_cast<pid_t>(pid);
    }
  }
  closedir(threads);
}

// All below `root`, without it; the first is the jail's init. Orphans become children of init, so none is missed for long.
inline void find_below(pid_t root, Processes &found) {
  found.count = 0;
  add_children(root, found);
  for (int next = 0; next < found.count; next++) add_children(found.pids[next], found);
}

// Counts a page as often as it is mapped: never too little, and quick.
inline unsigned long long quick_bytes(pid_t pid) {
  char path[64];
  snprintf(path, sizeof path, "/proc/%d/statm", pid);
  unsigned long long size = 0, resident = 0;
  if (sscanf(text_of(path), "%llu %llu", &size, &resident) != 2) return 0;
  return resident * static_cast<unsigned long long>(sysconf(_SC_PAGESIZE));
}

// Counts each page once among all that map it.
inline unsigned long long exact_bytes(pid_t pid) {
  char path[64];
  snprintf(path, sizeof path, "/proc/%d/smaps_rollup", pid);
  const char *line = strstr(text_of(path), "\nPss:");
  unsigned long long kib = 0;
  if (line == nullptr || sscanf(line, "\nPss: %llu", &kib) != 1) return quick_bytes(pid);
  return kib * 1024;
}

// The number after a word at the start of a line; `otherwise` where there is none.
inline unsigned long long number_after(const char *path, const char *word, unsigned long long otherwise) {
  for (const char *line = text_of(path); line != nullptr; line = strchr(line, '\n')) {
    if (*line == '\n') line++;
    size_t size = strlen(word);
    if (strncmp(line, word, size) == 0) return strtoull(line + size, nullptr, 10);
  }
  return otherwise;
}

// Whether the whole machine has hardly any memory left. A kernel that does not tell (before 3.14) is not asked again.
inline bool is_short() { return number_after("/proc/meminfo", "MemAvailable:", ~0ull >> 10) < SPARE_BYTES / 1024; }

// How many processes the kernel has killed for memory on this machine, of whomever.
inline unsigned long long killed() { return number_after("/proc/vmstat", "oom_kill ", 0); }

inline unsigned long long sum(const Processes &found, unsigned long long (*bytes)(pid_t)) {
  unsigned long long all = 0;
  for (int i = 0; i < found.count; i++) all += bytes(found.pids[i]);
  return all;
}

// Waits for the end of a child, or for a time.
inline bool ended(pid_t child, int &status, rusage &used, const sigset_t &signals) {
  if (wait4(child, &status, WNOHANG, &used) == child) return true;
  const timespec pause{0, LOOK_MS * 1'000'000};
  sigtimedwait(&signals, nullptr, &pause);
  return wait4(child, &status, WNOHANG, &used) == child;
}

[[noreturn]] inline void look(pid_t child, unsigned long long limit, int report_fd, const sigset_t &signals) {
  Processes found;
  int status = 0;
  rusage used{};
  unsigned long long over = 0, killed_before = killed();
  bool starved = false;
  while (!ended(child, status, used, signals)) {
    find_below(child, found);
    if (over != 0 || starved) continue;
    unsigned long long held = sum(found, quick_bytes);
    if (held > limit) held = sum(found, exact_bytes);
    if (held > limit) over = held;
    else starved = is_short();
    if (over != 0 || starved) kill(found.count > 0 ? found.pids[0] : child, SIGKILL);
  }
  unsigned long long largest = static_cast<unsigned long long>(used.ru_maxrss) * 1024;
  if (over == 0 && largest > limit + LIBRARY_BYTES) over = largest;
  int code = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
  // Ended by SIGKILL while the kernel killed for memory somewhere: it may have been this one.
  if (code == 128 + SIGKILL && killed() > killed_before) starved = true;
  const char *word = over != 0 ? "memory" : starved ? "starved" : "peak";
  dprintf(report_fd, "%s %llu\n", word, over != 0 ? over : largest);
  _exit(code);
}

} // namespace watch
