// When work that the host need not wait for is done: at once, but in the isolated pass, where it may be as late as a GPU is
// allowed to be (isolated/loader/late.h).
#pragma once
#include "../api.h"
#include "../launch.h"

#ifdef __KS_LATE
#include __KS_LATE
#else
namespace __ks::late {

// A launch, a copy, a fill, a call of the host, in the order of a stream. True when it is taken, to be done later.
inline bool launch(const Launch &, const void *, size_t) { return false; }
inline bool copy(cudaStream_t, void *, const void *, size_t, cudaMemcpyKind, bool, bool) { return false; }
inline bool fill(cudaStream_t, void *, int, size_t) { return false; }
inline bool call(cudaStream_t, cudaHostFn_t, void *) { return false; }
// A stream has come to be, or has got a name no more. Blocking: its work and that of the null stream wait for each other.
inline void made(cudaStream_t, bool) {}
inline void forgotten(cudaStream_t) {}
// Memory that host and device share.
inline void shared_memory() {}
inline void record(cudaEvent_t, cudaStream_t) {}
inline void wait(cudaStream_t, cudaEvent_t) {}
// Does what was taken: all, of a stream, what an event stands for.
inline void settle() {}
inline void settle(cudaStream_t) {}
inline void settle(cudaEvent_t) {}

} // namespace __ks::late
#endif
