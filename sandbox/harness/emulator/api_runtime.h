// What the interface's templates ask of the runtime, which is compiled once (runtime/runtime.h).
#pragma once
#include <cstddef>
#include "api.h"
#include "launch.h"

namespace __ks {

// Ends the test: it cannot be acted out.
[[noreturn]] void unsupported(const char *format, ...);
// Keeps an error for cudaGetLastError, and returns it.
cudaError remember(cudaError error);
// What every call that waits for the device begins with: an error that sticks, or none.
cudaError wait_for_device();

// Of the work that has been done: an error that sticks, or none. Waits for nothing.
cudaError device_status();

// Whether the host goes on before a copy is done.
enum class Wait { no, yes };
cudaError copy(void *to, const void *from, size_t bytes, cudaMemcpyKind kind, cudaStream_t stream = nullptr, Wait wait = Wait::yes);
// Whether host and device may touch this address.
bool both_touch(const void *address);
// A variable of the device's, told by its address.
void know_variable(const void *address, size_t bytes);

// A kernel asks for more dynamic shared memory than everyone has.
cudaError allow_shared(const void *kernel, int bytes);
size_t shared_allowance(const void *kernel);

// How a kernel is launched whose arguments are told by their addresses.
using AddressLaunch = void (*)(const void *kernel, dim3 grid, dim3 block, void **arguments, size_t shared, cudaStream_t stream);
void remember_kernel(const void *kernel, AddressLaunch launch);
cudaError launch_kernel(const void *kernel, dim3 grid, dim3 block, void **arguments, size_t shared, cudaStream_t stream);

} // namespace __ks
