// Streams and events. Work is done when it is asked for, but where late.h says otherwise.
#pragma once
#include <cstdlib>
#include <ctime>
#include "../api_streams.h"
#include "status.h"

inline cudaError_t cudaStreamCreateWithFlags(cudaStream_t *stream, unsigned flags) {
  if (cudaError stuck = __ks::device_status()) return stuck;
  *stream = new CUstream_st{flags};
  __ks::late::made(*stream, (flags & cudaStreamNonBlocking) == 0);
  return cudaSuccess;
}

inline cudaError_t cudaStreamCreate(cudaStream_t *stream) { return cudaStreamCreateWithFlags(stream, cudaStreamDefault); }
inline cudaError_t cudaStreamCreateWithPriority(cudaStream_t *stream, unsigned flags, int) {
  return cudaStreamCreateWithFlags(stream, flags);
}

inline cudaError_t cudaStreamDestroy(cudaStream_t stream) {
  __ks::late::forgotten(stream);
  if ((uintptr_t)stream > 2) delete stream;
  return __ks::device_status();
}

inline cudaError_t cudaStreamSynchronize(cudaStream_t stream) {
  __ks::late::settle(stream);
  return __ks::device_status();
}

// Who asks again and again is waiting too.
inline cudaError_t cudaStreamQuery(cudaStream_t stream) { return cudaStreamSynchronize(stream); }
inline cudaError_t cudaStreamWaitEvent(cudaStream_t stream, cudaEvent_t event, unsigned) {
  __ks::late::wait(stream, event);
  return cudaSuccess;
}

inline cudaError_t cudaLaunchHostFunc(cudaStream_t stream, cudaHostFn_t function, void *data) {
  if (cudaError stuck = __ks::device_status()) return stuck;
  if (function == nullptr) return __ks::remember(cudaErrorInvalidValue);
  if (!__ks::late::call(stream, function, data)) function(data);
  return cudaSuccess;
}

inline cudaError_t cudaStreamAddCallback(cudaStream_t stream, cudaStreamCallback_t function, void *data, unsigned) {
  __ks::late::settle(stream);
  function(stream, __ks::device_status(), data);
  return cudaSuccess;
}

inline cudaError_t cudaEventCreateWithFlags(cudaEvent_t *event, unsigned) {
  if (cudaError stuck = __ks::device_status()) return stuck;
  *event = new CUevent_st{};
  return cudaSuccess;
}

inline cudaError_t cudaEventCreate(cudaEvent_t *event, unsigned flags) { return cudaEventCreateWithFlags(event, flags); }
inline cudaError_t cudaEventDestroy(cudaEvent_t event) {
  delete event;
  return __ks::stuck_error;
}

inline cudaError_t cudaEventRecord(cudaEvent_t event, cudaStream_t stream) {
  if (event == nullptr) return __ks::remember(cudaErrorInvalidResourceHandle);
  clock_gettime(CLOCK_MONOTONIC, &event->time);
  event->recorded = true;
  __ks::late::record(event, stream);
  return cudaSuccess;
}

inline cudaError_t cudaEventSynchronize(cudaEvent_t event) {
  __ks::late::settle(event);
  return __ks::device_status();
}

inline cudaError_t cudaEventQuery(cudaEvent_t event) { return cudaEventSynchronize(event); }
inline cudaError_t cudaEventElapsedTime(float *milliseconds, cudaEvent_t from, cudaEvent_t to) {
  __ks::late::settle(from);
  __ks::late::settle(to);
  if (cudaError stuck = __ks::device_status()) return stuck;
  if (from == nullptr || to == nullptr || !from->recorded || !to->recorded) return __ks::remember(cudaErrorInvalidResourceHandle);
  *milliseconds = float((to->time.tv_sec - from->time.tv_sec) * 1e3 + (to->time.tv_nsec - from->time.tv_nsec) / 1e6);
  return cudaSuccess;
}
