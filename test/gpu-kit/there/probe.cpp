// One attempt to get out of a jail, or over its limits: probe ATTEMPT [ARGUMENT]. What should not be possible and is, it says in
// a line that begins with ESCAPED. Linked statically: it needs nothing of the machine.
#include <arpa/inet.h>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <fcntl.h>
#include <initializer_list>
#include <sched.h>
#include <sys/mount.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <unistd.h>

namespace {

void escaped(const char *what) {
  printf("ESCAPED %s\n", what);
  fflush(stdout);
}

void reads(const char *path) {
  int fd = open(path, O_RDONLY);
  char byte;
  if (fd >= 0 && read(fd, &byte, 1) == 1) escaped(path);
  if (fd >= 0) close(fd);
}

void writes(const char *path) {
  int fd = open(path, O_WRONLY | O_CREAT, 0644);
  if (fd >= 0) escaped(path);
}

void files() {
  for (const char *path : {"/etc/passwd", "/etc/os-release", "/proc/self/environ", "/proc/cpuinfo", "/sys/kernel/notes", "/root/.profile"}) reads(path);
}

void places() {
  for (const char *path : {"/probe-was-here", "/usr/probe-was-here", "/etc/probe-was-here", "/dev/probe-was-here", "/probe"}) writes(path);
}

void network(const char *port) {
  int fd = socket(AF_INET, SOCK_STREAM, 0);
  sockaddr_in to = {};
  to.sin_family = AF_INET;
  to.sin_port = htons((unsigned short)atoi(port));
  to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  if (fd >= 0 && connect(fd, (sockaddr *)&to, sizeof to) == 0) escaped("a port of the machine was reached");
}

void processes() {
  int made = 0;
  for (; made < 200; made++) {
    pid_t child = fork();
    if (child < 0) break;
    if (child == 0) {
      sleep(20);
      _exit(0);
    }
  }
  if (made > 100) escaped("more than a hundred processes at once");
}

void memory() {
  for (int piece = 0; piece < 16; piece++) {
    void *place = malloc(16 << 20);
    if (place == nullptr) exit(1);
    memset(place, 1, 16 << 20);
  }
  escaped("256 MiB where 64 are allowed");
}

void rights() {
  if (unshare(CLONE_NEWUSER) == 0 || unshare(CLONE_NEWNS) == 0) escaped("namespaces of its own");
  if (mount("none", "/tmp", "tmpfs", 0, nullptr) == 0) escaped("a mount of its own");
  if (ptrace(PTRACE_TRACEME, 0, nullptr, nullptr) == 0) escaped("tracing");
  if (getuid() == 0) escaped("it is root");
}

void killer(const char *victim) {
  kill(atoi(victim), SIGKILL);
  kill(getppid(), SIGKILL);
  kill(-1, SIGKILL);
}

void daemon() {
  if (fork() != 0) return;
  setsid();
  if (fork() != 0) _exit(0);
  for (int fd = 0; fd < 64; fd++) close(fd);
  sleep(600);
  _exit(0);
}

void flood() {
  for (;;) puts("the same line again and again and again and again and again");
}

} // namespace

int main(int argc, char **argv) {
  const char *attempt = argc > 1 ? argv[1] : "", *argument = argc > 2 ? argv[2] : "0";
  auto is = [&](const char *name) { return strcmp(attempt, name) == 0; };
  if (is("files")) files();
  if (is("places")) places();
  if (is("network")) network(argument);
  if (is("processes")) processes();
  if (is("memory")) memory();
  if (is("rights")) rights();
  if (is("killer")) killer(argument);
  if (is("daemon")) daemon();
  if (is("flood")) flood();
  if (is("endless")) for (;;) pause();
  puts("done");
  return 0;
}
