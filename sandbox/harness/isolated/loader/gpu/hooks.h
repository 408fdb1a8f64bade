// What units find by the names of CUDA's functions: the real ones, followed.
//
// A hook does what the program asked, and looks before and after. It adds nothing but where memory is to be filled, and then
// by a stream of its own, so that a program which forgets to wait still does.
#pragma once
#include "times.h"
#include "witness.h"

#define __KS_HOOK extern "C" __attribute__((visibility("default")))

namespace __ks_loader {
using witness::Kind;

template <class Real>
cudaError_t launch(cudaStream_t stream, Real real) {
  if (!witness::watching || mode == Mode::checked) return real();
  witness::launching();
  cudaError_t error = times::measured(stream, real);
  if (error == cudaSuccess) witness::launched();
  return error;
}

// `asked` are the bytes the program may use, of which the host knows what they hold.
inline cudaError_t fresh(cudaError_t error, void *place, size_t asked, size_t filled, Kind kind, cudaStream_t stream) {
  if (error != cudaSuccess || place == nullptr || !witness::watching || mode == Mode::checked) return error;
  if (mode == Mode::isolated) {
    if (kind == Kind::device) witness::fill_device(place, filled, stream);
    else memset(place, options.fill, std::min(filled, MOST_FILLED_BYTES));
  }
  witness::allocated(place, asked, filled - asked, kind);
  return error;
}

inline size_t guarded(size_t bytes) { return bytes > 0 && witness::following() ? bytes + witness::GUARD_BYTES : bytes; }

template <class Real>
cudaError_t copy(void *to, const void *from, size_t bytes, Real real) {
  witness::putting(to);
  cudaError_t error = real();
  if (error == cudaSuccess) {
    witness::copied(to, from, bytes);
    witness::waited(nullptr, true);
  }
  return error;
}

template <class Real>
cudaError_t copy_later(void *to, const void *from, size_t bytes, cudaStream_t stream, Real real) {
  witness::putting(to);
  cudaError_t error = real();
  if (error == cudaSuccess) witness::copied_later(to, from, bytes, stream);
  return error;
}

template <class Real>
cudaError_t copy_rows(void *to, size_t to_pitch, const void *from, size_t from_pitch, size_t width, size_t rows, Real real) {
  witness::putting(to);
  cudaError_t error = real();
  if (error != cudaSuccess || !witness::following()) return error;
  witness::for_each_row(rows, [&](size_t i) { witness::copied((char *)to + i * to_pitch, (const char *)from + i * from_pitch, width); });
  return error;
}

template <class Real>
cudaError_t set(void *to, int value, size_t bytes, Real real) {
  witness::putting(to);
  cudaError_t error = real();
  if (error == cudaSuccess) witness::set(to, value, bytes);
  return error;
}

template <class Real>
cudaError_t unfollowed(Real real) {
  if (witness::watching) witness::blind = true;
  return real();
}

template <class Real>
cudaError_t wait(cudaStream_t stream, bool whole, Real real) {
  cudaError_t error = real();
  if (error == cudaSuccess) witness::waited(stream, whole);
  return error;
}

inline void freeing(void *place) {
  witness::Range *range = witness::following() ? witness::range_of(place) : nullptr;
  // cudaFree waits as well; what is still running may use it until then.
  if (range != nullptr && range->kind == Kind::device && real_cudaDeviceSynchronize() == cudaSuccess) {
    witness::look_behind(*range);
    witness::fill_device(place, range->bytes, witness::own);
  }
}

} // namespace __ks_loader

__KS_HOOK cudaError_t cudaMalloc(void **place, size_t bytes) {
  using namespace __ks_loader;
  size_t wanted = guarded(bytes);
  cudaError_t error = real_cudaMalloc(place, wanted);
  return fresh(error, error == cudaSuccess ? *place : nullptr, bytes, wanted, Kind::device, witness::own);
}
__KS_HOOK cudaError_t cudaMallocPitch(void **place, size_t *pitch, size_t width, size_t height) {
  using namespace __ks_loader;
  cudaError_t error = real_cudaMallocPitch(place, pitch, width, height);
  size_t bytes = error == cudaSuccess ? *pitch * height : 0;
  return fresh(error, error == cudaSuccess ? *place : nullptr, bytes, bytes, Kind::device, witness::own);
}
__KS_HOOK cudaError_t cudaMalloc3D(cudaPitchedPtr *place, cudaExtent extent) {
  using namespace __ks_loader;
  cudaError_t error = real_cudaMalloc3D(place, extent);
  size_t bytes = error == cudaSuccess ? place->pitch * extent.height * extent.depth : 0;
  return fresh(error, error == cudaSuccess ? place->ptr : nullptr, bytes, bytes, Kind::device, witness::own);
}
__KS_HOOK cudaError_t cudaMallocManaged(void **place, size_t bytes, unsigned flags) {
  using namespace __ks_loader;
  cudaError_t error = real_cudaMallocManaged(place, bytes, flags);
  return fresh(error, error == cudaSuccess ? *place : nullptr, bytes, bytes, Kind::shared, nullptr);
}
__KS_HOOK cudaError_t cudaMallocAsync(void **place, size_t bytes, cudaStream_t stream) {
  using namespace __ks_loader;
  cudaError_t error = real_cudaMallocAsync(place, bytes, stream);
  return fresh(error, error == cudaSuccess ? *place : nullptr, bytes, bytes, Kind::device, stream);
}
__KS_HOOK cudaError_t cudaMallocFromPoolAsync(void **place, size_t bytes, cudaMemPool_t pool, cudaStream_t stream) {
  using namespace __ks_loader;
  cudaError_t error = real_cudaMallocFromPoolAsync(place, bytes, pool, stream);
  return fresh(error, error == cudaSuccess ? *place : nullptr, bytes, bytes, Kind::device, stream);
}
__KS_HOOK cudaError_t cudaMallocHost(void **place, size_t bytes) {
  using namespace __ks_loader;
  cudaError_t error = real_cudaMallocHost(place, bytes);
  return fresh(error, error == cudaSuccess ? *place : nullptr, bytes, bytes, Kind::pinned, nullptr);
}
// A kernel may be given any of it, by the address that the device has for it, or by this one.
__KS_HOOK cudaError_t cudaHostAlloc(void **place, size_t bytes, unsigned flags) {
  using namespace __ks_loader;
  cudaError_t error = real_cudaHostAlloc(place, bytes, flags);
  Kind kind = (flags & cudaHostAllocMapped) != 0 ? Kind::shared : Kind::pinned;
  return fresh(error, error == cudaSuccess ? *place : nullptr, bytes, bytes, kind, nullptr);
}
__KS_HOOK cudaError_t cudaFree(void *place) {
  using namespace __ks_loader;
  if (place != nullptr) freeing(place);
  cudaError_t error = real_cudaFree(place);
  if (error == cudaSuccess && witness::watching) {
    witness::waited(nullptr, true);
    witness::forget(place);
  }
  return error;
}
__KS_HOOK cudaError_t cudaFreeAsync(void *place, cudaStream_t stream) {
  using namespace __ks_loader;
  cudaError_t error = real_cudaFreeAsync(place, stream);
  if (error == cudaSuccess && witness::watching) witness::forget(place);
  return error;
}
__KS_HOOK cudaError_t cudaFreeHost(void *place) {
  using namespace __ks_loader;
  cudaError_t error = real_cudaFreeHost(place);
  if (error == cudaSuccess && witness::watching) witness::forget(place);
  return error;
}

__KS_HOOK cudaError_t cudaMemcpy(void *to, const void *from, size_t bytes, cudaMemcpyKind kind) {
  return __ks_loader::copy(to, from, bytes, [&] { return real_cudaMemcpy(to, from, bytes, kind); });
}
__KS_HOOK cudaError_t cudaMemcpyAsync(void *to, const void *from, size_t bytes, cudaMemcpyKind kind, cudaStream_t stream) {
  return __ks_loader::copy_later(to, from, bytes, stream, [&] { return real_cudaMemcpyAsync(to, from, bytes, kind, stream); });
}
__KS_HOOK cudaError_t cudaMemcpy2D(void *to, size_t to_pitch, const void *from, size_t from_pitch, size_t width, size_t rows, cudaMemcpyKind kind) {
  return __ks_loader::copy_rows(to, to_pitch, from, from_pitch, width, rows, [&] {
    return real_cudaMemcpy2D(to, to_pitch, from, from_pitch, width, rows, kind);
  });
}
__KS_HOOK cudaError_t cudaMemcpy2DAsync(void *to, size_t to_pitch, const void *from, size_t from_pitch, size_t width, size_t rows,
                                        cudaMemcpyKind kind, cudaStream_t stream) {
  return __ks_loader::copy_rows(to, to_pitch, from, from_pitch, width, rows, [&] {
    return real_cudaMemcpy2DAsync(to, to_pitch, from, from_pitch, width, rows, kind, stream);
  });
}
__KS_HOOK cudaError_t cudaMemcpy3D(const cudaMemcpy3DParms *order) {
  return __ks_loader::unfollowed([&] { return real_cudaMemcpy3D(order); });
}
__KS_HOOK cudaError_t cudaMemcpy3DAsync(const cudaMemcpy3DParms *order, cudaStream_t stream) {
  return __ks_loader::unfollowed([&] { return real_cudaMemcpy3DAsync(order, stream); });
}
__KS_HOOK cudaError_t cudaMemcpyPeer(void *to, int device, const void *from, int other, size_t bytes) {
  return __ks_loader::unfollowed([&] { return real_cudaMemcpyPeer(to, device, from, other, bytes); });
}
__KS_HOOK cudaError_t cudaMemcpyPeerAsync(void *to, int device, const void *from, int other, size_t bytes, cudaStream_t stream) {
  return __ks_loader::unfollowed([&] { return real_cudaMemcpyPeerAsync(to, device, from, other, bytes, stream); });
}
__KS_HOOK cudaError_t cudaMemcpyToSymbol(const void *symbol, const void *from, size_t bytes, size_t offset, cudaMemcpyKind kind) {
  using namespace __ks_loader;
  char *place = witness::place_of(symbol);
  if (place == nullptr) return real_cudaMemcpyToSymbol(symbol, from, bytes, offset, kind);
  return copy(place + offset, from, bytes, [&] { return real_cudaMemcpyToSymbol(symbol, from, bytes, offset, kind); });
}
__KS_HOOK cudaError_t cudaMemcpyToSymbolAsync(const void *symbol, const void *from, size_t bytes, size_t offset, cudaMemcpyKind kind,
                                              cudaStream_t stream) {
  using namespace __ks_loader;
  char *place = witness::place_of(symbol);
  auto real = [&] { return real_cudaMemcpyToSymbolAsync(symbol, from, bytes, offset, kind, stream); };
  return place == nullptr ? real() : copy_later(place + offset, from, bytes, stream, real);
}
__KS_HOOK cudaError_t cudaMemcpyFromSymbol(void *to, const void *symbol, size_t bytes, size_t offset, cudaMemcpyKind kind) {
  using namespace __ks_loader;
  char *place = witness::place_of(symbol);
  if (place == nullptr) return real_cudaMemcpyFromSymbol(to, symbol, bytes, offset, kind);
  return copy(to, place + offset, bytes, [&] { return real_cudaMemcpyFromSymbol(to, symbol, bytes, offset, kind); });
}
__KS_HOOK cudaError_t cudaMemcpyFromSymbolAsync(void *to, const void *symbol, size_t bytes, size_t offset, cudaMemcpyKind kind,
                                                cudaStream_t stream) {
  using namespace __ks_loader;
  char *place = witness::place_of(symbol);
  auto real = [&] { return real_cudaMemcpyFromSymbolAsync(to, symbol, bytes, offset, kind, stream); };
  return place == nullptr ? real() : copy_later(to, place + offset, bytes, stream, real);
}
__KS_HOOK cudaError_t cudaMemset(void *place, int value, size_t bytes) {
  return __ks_loader::set(place, value, bytes, [&] { return real_cudaMemset(place, value, bytes); });
}
__KS_HOOK cudaError_t cudaMemsetAsync(void *place, int value, size_t bytes, cudaStream_t stream) {
  return __ks_loader::set(place, value, bytes, [&] { return real_cudaMemsetAsync(place, value, bytes, stream); });
}
__KS_HOOK cudaError_t cudaMemset2D(void *place, size_t pitch, int value, size_t width, size_t rows) {
  using namespace __ks_loader;
  witness::putting(place);
  cudaError_t error = real_cudaMemset2D(place, pitch, value, width, rows);
  if (error == cudaSuccess) witness::for_each_row(rows, [&](size_t i) { witness::set((char *)place + i * pitch, value, width); });
  return error;
}
__KS_HOOK cudaError_t cudaMemset2DAsync(void *place, size_t pitch, int value, size_t width, size_t rows, cudaStream_t stream) {
  using namespace __ks_loader;
  witness::putting(place);
  cudaError_t error = real_cudaMemset2DAsync(place, pitch, value, width, rows, stream);
  if (error == cudaSuccess) witness::for_each_row(rows, [&](size_t i) { witness::set((char *)place + i * pitch, value, width); });
  return error;
}
__KS_HOOK cudaError_t cudaMemset3D(cudaPitchedPtr place, int value, cudaExtent extent) {
  return __ks_loader::unfollowed([&] { return real_cudaMemset3D(place, value, extent); });
}
__KS_HOOK cudaError_t cudaMemset3DAsync(cudaPitchedPtr place, int value, cudaExtent extent, cudaStream_t stream) {
  return __ks_loader::unfollowed([&] { return real_cudaMemset3DAsync(place, value, extent, stream); });
}

__KS_HOOK cudaError_t cudaLaunchKernel(const void *kernel, dim3 grid, dim3 block, void **arguments, size_t shared, cudaStream_t stream) {
  return __ks_loader::launch(stream, [&] { return real_cudaLaunchKernel(kernel, grid, block, arguments, shared, stream); });
}
__KS_HOOK cudaError_t __cudaLaunchKernel(cudaKernel_t kernel, dim3 grid, dim3 block, void **arguments, size_t shared, cudaStream_t stream) {
  return __ks_loader::launch(stream, [&] { return real___cudaLaunchKernel(kernel, grid, block, arguments, shared, stream); });
}
__KS_HOOK cudaError_t cudaLaunchCooperativeKernel(const void *kernel, dim3 grid, dim3 block, void **arguments, size_t shared, cudaStream_t stream) {
  return __ks_loader::launch(stream, [&] { return real_cudaLaunchCooperativeKernel(kernel, grid, block, arguments, shared, stream); });
}
__KS_HOOK cudaError_t cudaLaunchKernelExC(const cudaLaunchConfig_t *order, const void *kernel, void **arguments) {
  cudaStream_t stream = order != nullptr ? order->stream : nullptr;
  return __ks_loader::launch(stream, [&] { return real_cudaLaunchKernelExC(order, kernel, arguments); });
}
// Whoever asks for a default stream of each thread uses copies by other names too.
__KS_HOOK cudaError_t cudaLaunchKernel_ptsz(const void *kernel, dim3 grid, dim3 block, void **arguments, size_t shared, cudaStream_t stream) {
  using namespace __ks_loader;
  auto real = [&] { return real_cudaLaunchKernel_ptsz(kernel, grid, block, arguments, shared, stream); };
  return unfollowed([&] { return launch(cudaStreamPerThread, real); });
}
__KS_HOOK cudaError_t __cudaLaunchKernel_ptsz(cudaKernel_t kernel, dim3 grid, dim3 block, void **arguments, size_t shared, cudaStream_t stream) {
  using namespace __ks_loader;
  auto real = [&] { return real___cudaLaunchKernel_ptsz(kernel, grid, block, arguments, shared, stream); };
  return unfollowed([&] { return launch(cudaStreamPerThread, real); });
}
__KS_HOOK cudaError_t cudaLaunchKernelExC_ptsz(const cudaLaunchConfig_t *order, const void *kernel, void **arguments) {
  using namespace __ks_loader;
  auto real = [&] { return real_cudaLaunchKernelExC_ptsz(order, kernel, arguments); };
  return unfollowed([&] { return launch(cudaStreamPerThread, real); });
}
// A graph counts as one kernel: what is in it, and which memory, is not looked at.
__KS_HOOK cudaError_t cudaGraphLaunch(cudaGraphExec_t graph, cudaStream_t stream) {
  using namespace __ks_loader;
  return unfollowed([&] { return launch(stream, [&] { return real_cudaGraphLaunch(graph, stream); }); });
}

__KS_HOOK cudaError_t cudaDeviceSynchronize() {
  return __ks_loader::wait(nullptr, true, [] { return real_cudaDeviceSynchronize(); });
}
__KS_HOOK cudaError_t cudaStreamSynchronize(cudaStream_t stream) {
  return __ks_loader::wait(stream, stream == nullptr, [&] { return real_cudaStreamSynchronize(stream); });
}
__KS_HOOK cudaError_t cudaStreamQuery(cudaStream_t stream) {
  return __ks_loader::wait(stream, false, [&] { return real_cudaStreamQuery(stream); });
}
// Which stream's event it is nobody keeps: all that was asked for counts as here.
__KS_HOOK cudaError_t cudaEventSynchronize(cudaEvent_t event) {
  return __ks_loader::wait(nullptr, true, [&] { return real_cudaEventSynchronize(event); });
}
__KS_HOOK cudaError_t cudaEventQuery(cudaEvent_t event) {
  return __ks_loader::wait(nullptr, true, [&] { return real_cudaEventQuery(event); });
}
// Ends this process's context and no other's: the program's memory is gone, and our events with it.
__KS_HOOK cudaError_t cudaDeviceReset() {
  using namespace __ks_loader;
  if (witness::watching) {
    times::lost = true;
    witness::forget_all();
  }
  return real_cudaDeviceReset();
}
// No kernel writes what is constant.
__KS_HOOK void __cudaRegisterVar(void **handle, char *symbol, char *address, const char *name, int external, size_t bytes, int constant, int global) {
  real___cudaRegisterVar(handle, symbol, address, name, external, bytes, constant, global);
  if (__ks_loader::witness::watching && constant == 0) __ks_loader::witness::variables.push_back({symbol, bytes, nullptr});
}
