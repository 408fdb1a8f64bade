// Names the system calls that the filter refuses: each is written to descriptor 3, `refused NUMBER`, once, and then fails as always.
#pragma once
#include <cerrno>
#include <csignal>
#include <cstdio>
#include <ucontext.h>
#include <unistd.h>

#pragma GCC visibility push(hidden)
namespace __ks_loader {

constexpr int MOST_CALLS = 512;

inline void on_refusal(int, siginfo_t *info, void *context) {
  static bool known[MOST_CALLS];
  auto &registers = static_cast<ucontext_t *>(context)->uc_mcontext;
#if defined(__x86_64__)
  registers.gregs[REG_RAX] = -EPERM;
#elif defined(__aarch64__)
  registers.regs[0] = (unsigned long)-EPERM;
#else
  (void)registers;
#endif
  int call = info->si_syscall;
  if (call < 0 || call >= MOST_CALLS || known[call]) return;
  known[call] = true;
  char line[32];
  int size = snprintf(line, sizeof line, "refused %d\n", call);
  if (write(3, line, (size_t)size) != size) _exit(125);
}

inline void name_refusals() {
  struct sigaction action {};
  action.sa_sigaction = on_refusal;
  action.sa_flags = SA_SIGINFO | SA_NODEFER | SA_RESTART;
  sigaction(SIGSYS, &action, nullptr);
}

} // namespace __ks_loader
#pragma GCC visibility pop
