// The device process: answers requests until its host is gone, or until a kernel has failed for good.
#pragma once
#include <csetjmp>
#include <csignal>
#include <cstring>
#include <sys/prctl.h>
#include <sys/wait.h>
#include "arena.h"
#include "block.h"
#include "control.h"
#include "unsupported.h"
#include "warp.h"
#include "witness.h"

namespace __ks {

inline pid_t device_process = 0;

[[noreturn]] inline void leave_device() {
  set_and_wake(control->device_gone, 1);
  control->answered.store(control->asked.load());
  futex(control->answered, FUTEX_WAKE, 1);
  _exit(0);
}

inline void device_gave_up(int exit_code) {
  control->gave_up.store(exit_code);
  leave_device();
}

// A kernel that fails so leaves nothing to go on with: the error sticks, and the device process is not needed any more.
[[noreturn]] inline void fail_kernel(cudaError error) {
  control->error = error;
  leave_device();
}

inline void trap() { fail_kernel(cudaErrorLaunchFailure); }

// What the processor refuses. A GPU goes on after a division by zero with some number, which is nothing to vote on.
inline void on_fault(int signal, siginfo_t *info, void *) {
  if (signal == SIGSEGV && witness::wrote(info)) return;
  if (signal == SIGFPE) unsupported("an integer division by zero, or one that overflows, in a kernel");
  if (signal != SIGSEGV && signal != SIGBUS) unsupported("a kernel ended with signal %d", signal);
  if (in_fiber_stacks((uintptr_t)info->si_addr)) unsupported("a kernel needs more stack than a thread has");
  fail_kernel(cudaErrorIllegalAddress);
}

inline void watch_faults() {
  static char stack[64 * 1024];
  stack_t alternative{};
  alternative.ss_sp = stack;
  alternative.ss_size = sizeof stack;
  sigaltstack(&alternative, nullptr);
  struct sigaction action{};
  action.sa_sigaction = on_fault;
  action.sa_flags = SA_SIGINFO | SA_ONSTACK;
  for (int signal : {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT, SIGTRAP}) sigaction(signal, &action, nullptr);
}

inline void answer() {
  switch (control->request) {
    case Request::run:
      open_arena_to_device(control->mapped_bytes);
      sanitizer::launching(DEVICE_BASE + control->mapped_bytes, control->launch.shared_bytes, dynamic_shared_memory,
                           MAX_DYNAMIC_SHARED_BYTES);
      control->launches++;
      begin_launch();
      witness::running(control->mapped_bytes);
      run_grid(control->launch, control->arguments);
      if (control->refused == cudaSuccess) witness::ran();
      end_launch();
      break;
    case Request::read: memcpy(control->staging, control->address, control->bytes); break;
    case Request::write: memcpy(control->address, control->staging, control->bytes); break;
  }
}

[[noreturn]] inline void device_main(pid_t host) {
  in_device = true;
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (getppid() != host) _exit(0);
  close_arena_to_device();
  watch_faults();
  witness::device();
  for (;;) {
    uint32_t done = control->answered.load();
    while (control->asked.load() == done) wait_while(control->asked, done);
    answer();
    set_and_wake(control->answered, done + 1);
  }
}

// Forks the device, once, before the test begins.
inline void start_device() {
  if (device_process != 0) return;
  void *shared = make_shared(sizeof(Control));
  if (shared == nullptr || !map_arena() || !sanitizer::prepare()) unsupported("no address space for the device's memory");
  control = static_cast<Control *>(shared);
  pid_t host = getpid();
  device_process = fork();
  if (device_process < 0) unsupported("no process for the device");
  if (device_process == 0) device_main(host);
  close_arena_to_host();
}

// Asks the device and waits. False when it is gone.
inline bool ask_device(Request request) {
  if (control->device_gone.load()) return false;
  control->request = request;
  uint32_t mine = control->asked.load() + 1;
  set_and_wake(control->asked, mine);
  for (uint32_t seen; (seen = control->answered.load()) != mine;) {
    wait_while(control->answered, seen);
    int status = 0;
    if (control->answered.load() != mine && waitpid(device_process, &status, WNOHANG) == device_process) {
      if (control->device_gone.load()) break;
      sanitizer::device_ended(status);
      unsupported("the process of the device was ended");
    }
  }
  if (int code = control->gave_up.load()) _exit(code);
  return !control->device_gone.load();
}

} // namespace __ks
