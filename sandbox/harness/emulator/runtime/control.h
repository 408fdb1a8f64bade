// The memory through which host and device process speak: one request at a time, and its reply.
#pragma once
#include <atomic>
#include <cstdint>
#include <ctime>
#include <linux/futex.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>
#include "../errors.h"
#include "../launch.h"

namespace __ks {

enum class Request : uint32_t { run, read, write };

constexpr size_t MAX_ARGUMENT_BYTES = 32 * 1024;
constexpr size_t STAGING_BYTES = 256 * 1024;
// As the real runtime's buffer for in-kernel printf by default.
constexpr size_t PRINT_BYTES = 1024 * 1024;

struct Control {
  // Counted up by the asker and the answerer; equal when nothing is under way. Also the words they sleep on.
  std::atomic<uint32_t> asked, answered;
  // The device process will answer no more: its kernel failed for good, or it reported `unsupported`.
  std::atomic<uint32_t> device_gone, gave_up;

  Request request;
  // How much of the device's memory is in use: all beyond is an illegal address.
  size_t mapped_bytes;
  Launch launch;
  // For read and write of the device's variables.
  void *address;
  size_t bytes;

  // What the last kernel did: an error that sticks, what it printed. Launches are counted for those who ask whether a
  // kernel ran at all.
  cudaError error;
  // Why the last launch was none, found out only when its first threads began; sticks to nothing.
  cudaError refused;
  uint64_t launches, threads;
  size_t printed;

  alignas(64) char arguments[MAX_ARGUMENT_BYTES];
  alignas(64) char staging[STAGING_BYTES];
  char print[PRINT_BYTES];
};

inline Control *control = nullptr;

inline long futex(std::atomic<uint32_t> &word, int operation, uint32_t value, const timespec *limit = nullptr) {
  return syscall(SYS_futex, reinterpret_cast<uint32_t *>(&word), operation, value, limit, nullptr, 0);
}

// Waits until the word is no longer `value`, or for a tenth of a second.
inline void wait_while(std::atomic<uint32_t> &word, uint32_t value) {
  const timespec tenth{0, 100'000'000};
  if (word.load() == value) futex(word, FUTEX_WAIT, value, &tenth);
}

inline void set_and_wake(std::atomic<uint32_t> &word, uint32_t value) {
  word.store(value);
  futex(word, FUTEX_WAKE, 1);
}

} // namespace __ks
