// The loader of the GPU's executor. One process, one test.
//
//     loader            takes its orders by standard input when its context stands, see gpu/orders.h
//     loader probe      says what the device is, and whether it computes
//     loader overrun    does something wrong on the device, to see whether a checker around it says so
//     loader probe named   the same under a filter whose refusals are signals: says which calls were refused
//
// 1. The context is made and a known kernel run, while another test still has the GPU. `ready`, on descriptor 3; or
//    `no-context NAME TEXT`, and nothing of the program is ever loaded.
// 2. Its turn has come: orders and nonce are read to their end. The device is tried again: who was before may have broken it.
// 3. Free memory is looked at, for what a former run may have left there, and filled.
// 4. From here as every loader: the unit, the test, and at the end the report.
#include <algorithm>
#include "load.h"
#include "gpu/hooks.h"
#include "gpu/orders.h"
#include "gpu/probe.h"
#include "gpu/refusals.h"

namespace __ks_loader {

constexpr int NO_CONTEXT_EXIT = 124;
// Looked at and filled before a test; what lies beyond is filled where the program allocates it.
constexpr size_t MOST_SWEPT_BYTES = size_t(1) << 30;

static unsigned long long left_bytes = 0;
static bool sticky = false;

static void say(const std::string &line) {
  if (write(3, line.data(), line.size()) != (ssize_t)line.size()) _exit(125);
}

[[noreturn]] static void no_context(cudaError_t error) {
  std::string line = std::string("no-context ") + cudaGetErrorName(error) + ' ' + cudaGetErrorString(error) + '\n';
  if (report_to < 0) say(line);
  else send(line);
  _exit(NO_CONTEXT_EXIT);
}

static void require(cudaError_t error) {
  if (error != cudaSuccess) no_context(error);
}

static void make_context() {
  require(real_cudaFree(nullptr));
  require(cudaStreamCreateWithFlags(&witness::own, cudaStreamNonBlocking));
  require(__ks_known_kernel());
}

// Drivers clear memory that they hand to another process. This looks whether they did.
static void sweep() {
  size_t free_bytes = 0, all = 0;
  require(cudaMemGetInfo(&free_bytes, &all));
  size_t bytes = std::min(MOST_SWEPT_BYTES, free_bytes / 2);
  void *place = nullptr;
  // One piece of that size may not be to be had.
  while (bytes >= (size_t(1) << 20) && real_cudaMalloc(&place, bytes) != cudaSuccess) {
    cudaGetLastError();
    bytes /= 2;
  }
  if (place == nullptr) return;
  require(__ks_count_left(place, bytes, &left_bytes));
  require(real_cudaMemset(place, mode == Mode::isolated ? options.fill : 0, bytes));
  require(real_cudaDeviceSynchronize());
  require(real_cudaFree(place));
}

// What the device is, a line each.
static int probe() {
  cudaDeviceProp is{};
  int driver = 0, runtime = 0;
  require(cudaGetDeviceProperties(&is, 0));
  require(cudaDriverGetVersion(&driver));
  require(cudaRuntimeGetVersion(&runtime));
  sweep();
  say("device " + std::to_string(is.major) + '.' + std::to_string(is.minor) + ' ' + std::to_string(is.totalGlobalMem) + ' ' +
      std::to_string(driver) + ' ' + std::to_string(runtime) + ' ' + std::to_string(left_bytes) + ' ' + is.name + '\n');
  return 0;
}

bool came_from_kernel(const char *place, size_t bytes) { return mode != Mode::isolated || witness::came(place, bytes); }

// The error that nobody has read, and whether the context is lost with it.
static cudaError_t pending_error() {
  // What is still running may fail, too: a launch whose error nobody waits for is an error nobody reads.
  if (mode == Mode::isolated) real_cudaDeviceSynchronize();
  cudaError_t error = cudaGetLastError();
  cudaError_t after = times::lost ? cudaGetLastError() : real_cudaStreamQuery(witness::own);
  sticky = after != cudaSuccess && after != cudaErrorNotReady;
  return error == cudaSuccess && sticky ? after : error;
}

std::string more() {
  using namespace witness;
  if (mode == Mode::checked) return "launches 0\nreached 0\n";
  cudaError_t error = pending_error();
  if (!sticky) look_behind_all();
  std::string text = "launches " + std::to_string(launches) + "\nreached " + (reached || blind ? "1" : "0") + '\n';
  if (error != cudaSuccess) text += std::string("error ") + cudaGetErrorName(error) + '\n';
  text += "gpu " + std::to_string((unsigned long long)times::spent()) + ' ' + std::to_string(peak_bytes) + ' ' +
          std::to_string(left_bytes) + ' ' + (sticky ? "1" : "0") + ' ' + std::to_string(outside_bytes) + '\n';
  return text;
}

// What the program prints is no matter to the checker, whose report goes the same way.
static void silence() {
  int nothing = open("/dev/null", O_WRONLY);
  if (nothing < 0 || dup2(nothing, STDOUT_FILENO) < 0 || dup2(nothing, STDERR_FILENO) < 0) _exit(125);
  close(nothing);
}

static int run(__ks::TestFunction test) {
  return mode == Mode::isolated ? run_on_filled_stack(test) : __ks::run_on_clean_stack(test);
}

} // namespace __ks_loader

int main(int argc, char **argv) {
  using namespace __ks_loader;
  options.fills = false;
  if (argc > 2 && strcmp(argv[2], "named") == 0) name_refusals();
  make_context();
  if (argc > 1 && strcmp(argv[1], "probe") == 0) return probe();
  if (argc > 1 && strcmp(argv[1], "overrun") == 0) return __ks_overrun() == cudaSuccess ? 0 : 1;
  say("ready\n");
  if (!take_orders()) return 0;
  report_to = fcntl(3, F_DUPFD, REPORT_AT);
  close(3);
  if (report_to < 0) _exit(125);
  require(__ks_known_kernel());
  if (mode == Mode::checked) silence();
  else sweep();
  witness::watching = mode != Mode::checked;
  finish(run(load_unit()));
}
