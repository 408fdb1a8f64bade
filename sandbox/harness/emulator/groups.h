// thread_block, tiles of a block and coalesced threads. Groups across blocks have a size and a rank but cannot wait.
#pragma once
#include "intrinsics.h"
#include "api_runtime.h"
#include "builtins.h"
#include "threads.h"

namespace cooperative_groups {

class thread_block {
 public:
  static void sync() { __syncthreads(); }
  static unsigned thread_rank() { return (threadIdx.z * blockDim.y + threadIdx.y) * blockDim.x + threadIdx.x; }
  static unsigned size() { return blockDim.x * blockDim.y * blockDim.z; }
  static unsigned num_threads() { return size(); }
  static dim3 group_index() { return blockIdx; }
  static dim3 thread_index() { return threadIdx; }
  static dim3 group_dim() { return blockDim; }
  static dim3 dim_threads() { return blockDim; }
};
inline thread_block this_thread_block() { return {}; }

class grid_group {
 public:
  static void sync() {
    if (num_blocks() > 1) __ks::unsupported("a barrier across blocks");
    __syncthreads();
  }
  static bool is_valid() { return num_blocks() == 1; }
  static unsigned long long block_rank() { return ((unsigned long long)blockIdx.z * gridDim.y + blockIdx.y) * gridDim.x + blockIdx.x; }
  static unsigned long long num_blocks() { return (unsigned long long)gridDim.x * gridDim.y * gridDim.z; }
  static unsigned long long thread_rank() { return block_rank() * thread_block::size() + thread_block::thread_rank(); }
  static unsigned long long size() { return num_blocks() * thread_block::size(); }
  static unsigned long long num_threads() { return size(); }
  static dim3 group_dim() { return gridDim; }
};
inline grid_group this_grid() { return {}; }

// Some lanes of one warp.
class __lanes {
 public:
  explicit __lanes(unsigned mask) : mask_(mask) {}
  void sync() const { __syncwarp(mask_); }
  unsigned thread_rank() const { return __popc(mask_ & ((1u << __ks::lane_id()) - 1)); }
  unsigned size() const { return __popc(mask_); }
  unsigned num_threads() const { return size(); }
  template <class T>
  T shfl(T value, unsigned rank) const {
    return __shfl_sync(mask_, value, lane_of(rank % size()));
  }
  template <class T>
  T shfl_up(T value, unsigned delta) const {
    unsigned rank = thread_rank();
    return __shfl_sync(mask_, value, lane_of(rank < delta ? rank : rank - delta));
  }
  template <class T>
  T shfl_down(T value, unsigned delta) const {
    unsigned rank = thread_rank();
    return __shfl_sync(mask_, value, lane_of(delta >= size() - rank ? rank : rank + delta));
  }
  int any(int predicate) const { return __any_sync(mask_, predicate); }
  int all(int predicate) const { return __all_sync(mask_, predicate); }
  unsigned ballot(int predicate) const { return packed(__ballot_sync(mask_, predicate)); }
  template <class T>
  unsigned match_any(T value) const {
    return packed(__match_any_sync(mask_, value));
  }
  template <class T>
  unsigned match_all(T value, int &predicate) const {
    return packed(__match_all_sync(mask_, value, &predicate));
  }
  // Of the warp, those of this group with the same value.
  template <class T>
  unsigned lanes_alike(T value) const {
    return __match_any_sync(mask_, value);
  }

 protected:
  unsigned lane_of(unsigned rank) const {
    unsigned left = mask_;
    while (rank-- > 0) left &= left - 1;
    return __ffs((int)left) - 1;
  }
  // Bits of the warp's lanes as bits of the group's ranks.
  unsigned packed(unsigned lanes) const {
    unsigned bits = 0;
    for (unsigned rank = 0; rank < size(); rank++) bits |= (lanes >> lane_of(rank) & 1) << rank;
    return bits;
  }
  unsigned mask_;
};

class coalesced_group : public __lanes {
 public:
  using __lanes::__lanes;
  unsigned meta_group_rank() const { return 0; }
  unsigned meta_group_size() const { return 1; }
};
// The threads of a group that have the same label. All of the group call it.
template <class Group, class Label>
coalesced_group labeled_partition(const Group &group, Label label) {
  return coalesced_group(group.lanes_alike(label));
}
template <class Group>
coalesced_group binary_partition(const Group &group, bool predicate) {
  return coalesced_group(group.lanes_alike((int)predicate));
}

__attribute__((noinline)) inline coalesced_group coalesced_threads() {
  return coalesced_group(__ks::converged_lanes(__builtin_return_address(0)));
}

template <unsigned N, class Parent = void>
class thread_block_tile : public __lanes {
  static_assert(N >= 1 && N <= 32 && (N & (N - 1)) == 0, "the emulator has tiles of up to one warp");

 public:
  thread_block_tile() : __lanes((N == 32 ? ~0u : (1u << N % 32) - 1) << (__ks::lane_id() & ~(N - 1))) {}
  // A function may take tiles without saying of what they are parts.
  template <class Other>
  thread_block_tile(const thread_block_tile<N, Other> &) : thread_block_tile() {}
  static unsigned thread_rank() { return __ks::lane_id() % N; }
  static constexpr unsigned size() { return N; }
  static constexpr unsigned num_threads() { return N; }
  static unsigned meta_group_rank() { return thread_block::thread_rank() / N; }
  static unsigned meta_group_size() { return (thread_block::size() + N - 1) / N; }
  template <class T>
  T shfl(T value, int rank) const {
    return __shfl_sync(mask_, value, rank, N);
  }
  template <class T>
  T shfl_up(T value, unsigned delta) const {
    return __shfl_up_sync(mask_, value, delta, N);
  }
  template <class T>
  T shfl_down(T value, unsigned delta) const {
    return __shfl_down_sync(mask_, value, delta, N);
  }
  template <class T>
  T shfl_xor(T value, unsigned lanes) const {
    return __shfl_xor_sync(mask_, value, (int)lanes, N);
  }
};

template <unsigned N, class Parent>
thread_block_tile<N, Parent> tiled_partition(const Parent &) {
  return {};
}

// Whatever group it was made of, as one type.
class thread_group {
 public:
  thread_group(const thread_block &) : lanes_(0) {}
  thread_group(const __lanes &lanes) : lanes_(lanes) {}
  void sync() const {
    if (whole_block()) __syncthreads();
    else lanes_.sync();
  }
  unsigned size() const { return whole_block() ? thread_block::size() : lanes_.size(); }
  unsigned num_threads() const { return size(); }
  unsigned thread_rank() const { return whole_block() ? thread_block::thread_rank() : lanes_.thread_rank(); }

 private:
  bool whole_block() const { return lanes_.size() == 0; }
  __lanes lanes_;
};
inline thread_group tiled_partition(const thread_group &parent, unsigned size) {
  if (size == 0 || size > 32 || (size & (size - 1)) != 0 || parent.size() < size) __ks::unsupported("a tile of %u threads", size);
  unsigned first = __ks::lane_id() & ~(size - 1);
  return __lanes((size == 32 ? ~0u : (1u << size) - 1) << first);
}

template <class Group>
void sync(const Group &group) {
  group.sync();
}

} // namespace cooperative_groups
