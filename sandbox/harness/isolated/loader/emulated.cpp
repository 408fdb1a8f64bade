// The loader of the emulated executor. The runtime is compiled here, for every unit that is loaded.
#include "../../harness/standard.h"
#include "../../emulator/system.h"
#include "../../emulator/cuda.h"
#define __KS_WITNESS "../../isolated/loader/witness.h"
#define __KS_LATE "../../isolated/loader/late.h"
// All of it is there for units, none of it taken into other functions.
#define inline inline __attribute__((used, noipa))
#include "../../emulator/runtime/runtime.h"
#undef inline
#include "../shared.h"
#include "load.h"

void __ks::fresh_shared(void *place, std::size_t bytes) {
  if (in_device && running != nullptr) witness::fresh_shared(place, bytes);
}

namespace __ks_loader {

bool came_from_kernel(const char *place, size_t bytes) { return __ks::witness::came(place, bytes); }

std::string more() {
  // What nobody has waited for is done too late for any value, but it is done.
  __ks::late::settle();
  std::string text = "launches " + std::to_string(__ks::witness::finished()) + '\n';
  text += std::string("reached ") + (__ks::witness::reached ? "1" : "0") + '\n';
  text += std::string("waits ") + (__ks::late::matters ? "1" : "0") + '\n';
  cudaError pending = __ks::stuck_error != cudaSuccess ? __ks::stuck_error : __ks::control->error;
  if (pending == cudaSuccess) pending = __ks::last_error;
  if (pending != cudaSuccess) text += std::string("error ") + cudaGetErrorName(pending) + '\n';
  return text;
}

constexpr size_t TEST_STACK_BYTES = 8 << 20;

static void *test_thread(void *test) { finish(run_on_filled_stack((__ks::TestFunction)test)); }

} // namespace __ks_loader

// As in the plain pass, on a thread whose stack and heap are at addresses that mean nothing to the device.
int main(int argc, char **argv) {
  using namespace __ks_loader;
  // The program's constructors may be the first to ask for a device.
  __ks::witness::begin();
  __ks::TestFunction test = load(argc, argv);
  __ks::report_descriptor = report_to;
  __ks::start_device();
  pthread_attr_t attributes;
  pthread_attr_init(&attributes);
  pthread_attr_setstacksize(&attributes, TEST_STACK_BYTES);
  pthread_t thread;
  if (pthread_create(&thread, &attributes, test_thread, (void *)test) != 0) __ks::unsupported("no thread for the test");
  pthread_join(thread, nullptr);
  return 125;
}
