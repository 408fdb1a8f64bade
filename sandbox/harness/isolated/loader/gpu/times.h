// How long kernels take, by the GPU's clock: an event before each launch and one after it, in its stream.
#pragma once
#include <vector>
#include "real.h"

#pragma GCC visibility push(hidden)
namespace __ks_loader::times {

// Launches after these are counted and not measured: events are memory.
constexpr size_t MOST_MEASURED = 4096;

struct Pair {
  cudaEvent_t before, after;
};
inline auto &pairs = *new std::vector<Pair>;
// The device was reset, and the events with it.
inline bool lost = false;

// Only where the program's own stream would not notice: one that is being captured takes every event into its graph.
inline bool can_measure(cudaStream_t stream) {
  cudaStreamCaptureStatus capturing = cudaStreamCaptureStatusNone;
  if (lost || pairs.size() >= MOST_MEASURED) return false;
  return cudaStreamIsCapturing(stream, &capturing) == cudaSuccess && capturing == cudaStreamCaptureStatusNone;
}

// Our own failed call is not the program's error.
inline bool quietly(cudaError_t before, cudaError_t error) {
  if (error != cudaSuccess && before == cudaSuccess) cudaGetLastError();
  return error == cudaSuccess;
}

template <class Launch>
cudaError_t measured(cudaStream_t stream, Launch launch) {
  cudaError_t pending = cudaPeekAtLastError();
  // A call of ours would put another error in the place of the one nobody has read.
  if (pending != cudaSuccess || !can_measure(stream)) return launch();
  Pair pair{};
  if (!quietly(pending, cudaEventCreate(&pair.before)) || !quietly(pending, cudaEventCreate(&pair.after))) return launch();
  if (!quietly(pending, cudaEventRecord(pair.before, stream))) return launch();
  cudaError_t launched = launch();
  if (launched == cudaSuccess && quietly(pending, cudaEventRecord(pair.after, stream))) pairs.push_back(pair);
  return launched;
}

// Of kernels that have ended, microseconds.
inline double spent() {
  double all = 0;
  for (const Pair &pair : pairs) {
    float milliseconds = 0;
    if (lost || cudaEventElapsedTime(&milliseconds, pair.before, pair.after) != cudaSuccess) continue;
    all += 1000.0 * milliseconds;
  }
  return all;
}

} // namespace __ks_loader::times
#pragma GCC visibility pop
