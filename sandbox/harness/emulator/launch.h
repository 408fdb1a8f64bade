// Kernel launches as the rewritten source writes them:
//
//     ::__ks::launch(kernel).on(grid, block, shared, stream)(arguments)
//     ::__ks::launch_call([=](auto a, auto b) { kernel<int>(a, b); }).on(grid, block, shared, stream)(arguments)
//
// Arguments are converted on the host as in a call of the kernel, then copied byte for byte to the device, as CUDA does.
#pragma once
#include <cstddef>
#include <tuple>
#include <type_traits>
#include <utility>
#include "api.h"
#include "vectors.h"

namespace __ks {

// What the device needs to run a grid: `run` is called once for every thread, with the copied arguments.
struct Launch {
  void (*run)(void *arguments);
  dim3 grid, block;
  size_t shared_bytes;
  // Names the kernel for attributes and counts.
  const void *kernel;
  // Of shared memory, static and dynamic together; filled in when it is submitted.
  size_t most_shared_bytes = 0;
  cudaStream_t stream = nullptr;
};

void submit(Launch launch, const void *arguments, size_t bytes);

template <class... P>
struct PointerCall {
  void (*kernel)(P...);
  std::tuple<std::decay_t<P>...> arguments;

  static void run(void *self) {
    auto &call = *static_cast<PointerCall *>(self);
    std::apply(call.kernel, call.arguments);
  }
};

template <class F, class... A>
struct DeducedCall {
  F call_kernel;
  std::tuple<A...> arguments;

  static void run(void *self) {
    auto &call = *static_cast<DeducedCall *>(self);
    static_assert(std::is_void_v<decltype(std::apply(call.call_kernel, call.arguments))>, "a kernel returns nothing");
    std::apply(call.call_kernel, call.arguments);
  }
};

template <class... P>
struct ConfiguredLaunch {
  void (*kernel)(P...);
  dim3 grid, block;
  size_t shared_bytes;
  cudaStream_t stream;

  void operator()(P... arguments) const {
    PointerCall<P...> call{kernel, {std::forward<P>(arguments)...}};
    submit(Launch{&PointerCall<P...>::run, grid, block, shared_bytes, (const void *)kernel, 0, stream}, &call, sizeof call);
  }
};

template <class F>
struct ConfiguredCall {
  F call_kernel;
  dim3 grid, block;
  size_t shared_bytes;
  cudaStream_t stream;

  template <class... A>
  void operator()(const A &...arguments) const {
    DeducedCall<F, std::decay_t<A>...> call{call_kernel, {arguments...}};
    submit(Launch{&DeducedCall<F, std::decay_t<A>...>::run, grid, block, shared_bytes, nullptr, 0, stream}, &call, sizeof call);
  }
};

template <class... P>
struct PointerLaunch {
  void (*kernel)(P...);

  ConfiguredLaunch<P...> on(dim3 grid, dim3 block, size_t shared_bytes = 0, cudaStream_t stream = nullptr) const {
    return {kernel, grid, block, shared_bytes, stream};
  }
};

template <class F>
struct DeducedLaunch {
  F call_kernel;

  ConfiguredCall<F> on(dim3 grid, dim3 block, size_t shared_bytes = 0, cudaStream_t stream = nullptr) const {
    return {call_kernel, grid, block, shared_bytes, stream};
  }
};

template <class... P>
PointerLaunch<P...> launch(void (*kernel)(P...)) {
  return {kernel};
}

template <class F>
DeducedLaunch<F> launch_call(F call_kernel) {
  return {call_kernel};
}

// The block's dynamic shared memory, at the same address for every block.
constexpr size_t MAX_DYNAMIC_SHARED_BYTES = 227 * 1024;
// What a block has without asking, static and dynamic together.
constexpr size_t DEFAULT_SHARED_BYTES = 48 * 1024;
alignas(1024) inline char dynamic_shared_memory[MAX_DYNAMIC_SHARED_BYTES];

struct DynamicShared {
  template <class T>
  operator T &() const {
    return *reinterpret_cast<T *>(dynamic_shared_memory);
  }
};

inline DynamicShared dynamic_shared() { return {}; }

// Asserted of static shared memory: a GPU's compiler refuses more.
constexpr bool shared_fits(size_t bytes) { return bytes <= DEFAULT_SHARED_BYTES; }

// Told of each static declaration by whoever comes to it; the first in a launch counts.
void use_static_shared(unsigned long long &told, size_t bytes);
// Follows such a declaration.
#define __KS_USE_SHARED(bytes)                   \
  do {                                           \
    static unsigned long long __ks_told;         \
    ::__ks::use_static_shared(__ks_told, bytes); \
  } while (false)

// The first thing a kernel with __launch_bounds__ does.
void launch_bound(unsigned long long most);

} // namespace __ks
