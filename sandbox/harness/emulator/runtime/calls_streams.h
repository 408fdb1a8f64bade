// Streams and events. Work is done when it is asked for, so there is never anything to wait for.
#pragma once
#include <cstdlib>
#include <ctime>
#include "../api_streams.h"
#include "status.h"

inline cudaError_t cudaStreamCreateWithFlags(cudaStream_t *stream, unsigned flags) {
  if (cudaError stuck = __ks::wait_for_device()) return stuck;
  *stream = new CUstream_st{flags};
  return cudaSuccess;
}

inline cudaError_t cudaStreamCreate(cudaStream_t *stream) { return cudaStreamCreateWithFlags(stream, cudaStreamDefault); }
inline cudaError_t cudaStreamCreateWithPriority(cudaStream_t *stream, unsigned flags, int) {
  return cudaStreamCreateWithFlags(stream, flags);
}

inline cudaError_t cudaStreamDestroy(cudaStream_t stream) {
  if ((uintptr_t)stream > 2) delete stream;
  return __ks::wait_for_device();
}

inline cudaError_t cudaStreamSynchronize(cudaStream_t) { return __ks::wait_for_device(); }
inline cudaError_t cudaStreamQuery(cudaStream_t) { return __ks::wait_for_device(); }
inline cudaError_t cudaStreamWaitEvent(cudaStream_t, cudaEvent_t, unsigned) { return cudaSuccess; }
inline cudaError_t cudaLaunchHostFunc(cudaStream_t, cudaHostFn_t function, void *data) {
  if (cudaError stuck = __ks::wait_for_device()) return stuck;
  if (function == nullptr) return __ks::remember(cudaErrorInvalidValue);
  function(data);
  return cudaSuccess;
}

inline cudaError_t cudaStreamAddCallback(cudaStream_t stream, cudaStreamCallback_t function, void *data, unsigned) {
  function(stream, __ks::wait_for_device(), data);
  return cudaSuccess;
}

inline cudaError_t cudaEventCreateWithFlags(cudaEvent_t *event, unsigned) {
  if (cudaError stuck = __ks::wait_for_device()) return stuck;
  *event = new CUevent_st{};
  return cudaSuccess;
}

inline cudaError_t cudaEventCreate(cudaEvent_t *event, unsigned flags) { return cudaEventCreateWithFlags(event, flags); }
inline cudaError_t cudaEventDestroy(cudaEvent_t event) {
  delete event;
  return __ks::stuck_error;
}

inline cudaError_t cudaEventRecord(cudaEvent_t event, cudaStream_t) {
  if (event == nullptr) return __ks::remember(cudaErrorInvalidResourceHandle);
  clock_gettime(CLOCK_MONOTONIC, &event->time);
  event->recorded = true;
  return cudaSuccess;
}

inline cudaError_t cudaEventSynchronize(cudaEvent_t) { return __ks::wait_for_device(); }
inline cudaError_t cudaEventQuery(cudaEvent_t) { return __ks::wait_for_device(); }
inline cudaError_t cudaEventElapsedTime(float *milliseconds, cudaEvent_t from, cudaEvent_t to) {
  if (cudaError stuck = __ks::wait_for_device()) return stuck;
  if (from == nullptr || to == nullptr || !from->recorded || !to->recorded) return __ks::remember(cudaErrorInvalidResourceHandle);
  *milliseconds = float((to->time.tv_sec - from->time.tv_sec) * 1e3 + (to->time.tv_nsec - from->time.tv_nsec) / 1e6);
  return cudaSuccess;
}
