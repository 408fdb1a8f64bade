// Follows what kernels bring to the host, on a GPU, where memory cannot be closed against them.
//
// - Of each allocation the host keeps what itself has put there: the fill, copies, sets. Bytes that differ from that when the
//   host looks (at copies) are a kernel's, and the whole allocation then is, until the host overwrites it whole.
// - Bytes that are copied from it to the host are kept, so that what an argument holds can be compared with them.
// - Asked to disturb, it changes them on their way: what does not change with them does not come from a kernel.
// - Memory that both sides map is compared before a launch and after the host has waited.
//
// What it cannot see: a kernel that writes what was there already. Two things are therefore believed: zeros, where the host had
// put zeros and a kernel ran since (sums begin so, and some are 0); and, by a run with other inputs (Disturb::inputs), kernels
// that work in place and have nothing to change. Graphs, copies of three dimensions and large memory are believed whole.
#pragma once
#include <algorithm>
#include <cstdint>
#include <cstring>
#include <vector>
#include "../memory.h"
#include "orders.h"
#include "real.h"

#pragma GCC visibility push(hidden)
namespace __ks_loader::witness {

// Kept of what the host has put into allocations. What comes after is believed.
constexpr size_t MOST_SHADOWED_BYTES = size_t(256) << 20;
// Copies kept for comparing; the same.
constexpr size_t MOST_KEPT_BYTES = size_t(64) << 20;
// Behind each allocation of cudaMalloc. What reads past the end finds bytes that are other ones in the second run; what writes
// there is found when the memory is freed, or at the end.
constexpr size_t GUARD_BYTES = 512;
constexpr size_t MOST_ROWS = 1 << 16;

enum class Kind {
  // Only by copies.
  device,
  // The host reads and writes it, too.
  shared,
  // The host's, which copies reach later than their call returns.
  pinned,
};

struct Range {
  char *start;
  size_t bytes;
  Kind kind;
  // What the host has put there; of shared memory, what it held before the last launch. Empty where it is believed.
  std::vector<char> shadow;
  bool kernels = false;
  // A kernel has run since the host knew what it holds.
  bool stale = false;
  // Bytes behind it that are nobody's, and hold the fill.
  size_t guard = 0;
};
struct Kept {
  char *start;
  std::vector<char> bytes;
};
struct Variable {
  const void *symbol;
  size_t bytes;
  char *start;
};
// A copy to the host that its call has not waited for.
struct Pending {
  char *to;
  const char *from;
  size_t bytes;
  cudaStream_t stream;
};

// Never freed, as the record.
inline auto &ranges = *new std::vector<Range>;
inline auto &kept = *new std::vector<Kept>;
inline auto &variables = *new std::vector<Variable>;
inline auto &pending = *new std::vector<Pending>;
inline size_t kept_bytes = 0, shadowed_bytes = 0;
inline size_t device_bytes = 0, peak_bytes = 0;
inline unsigned long long launches = 0;
inline unsigned long long outside_bytes = 0;
inline bool reached = false, blind = false;
// Our own copies: a stream that waits for no other, and no other for it.
inline cudaStream_t own = nullptr;

// Before the program is there.
inline bool watching = false;
inline bool following() { return watching && mode == Mode::isolated; }

inline Range *range_of(const void *at) {
  auto place = (const char *)at;
  for (Range &range : ranges) {
    if (place >= range.start && place < range.start + range.bytes) return &range;
  }
  return nullptr;
}
inline Range *device_range_of(const void *at) {
  Range *range = range_of(at);
  return range != nullptr && range->kind == Kind::device ? range : nullptr;
}

// A call of ours that fails leaves no error for the program, unless there was one.
inline bool quietly(cudaError_t error) {
  if (error != cudaSuccess) cudaGetLastError();
  return error == cudaSuccess;
}

inline bool read_device(char *to, const void *from, size_t bytes) {
  if (cudaPeekAtLastError() != cudaSuccess) return false;
  return quietly(real_cudaMemcpyAsync(to, from, bytes, cudaMemcpyDeviceToHost, own)) && quietly(real_cudaStreamSynchronize(own));
}

inline void fill_device(void *place, size_t bytes, cudaStream_t stream) {
  if (cudaPeekAtLastError() != cudaSuccess) return;
  if (quietly(real_cudaMemsetAsync(place, options.fill, bytes, stream)) && stream == own) quietly(real_cudaStreamSynchronize(own));
}

inline void count(size_t bytes) {
  device_bytes += bytes;
  peak_bytes = std::max(peak_bytes, device_bytes);
}

inline void allocated(void *place, size_t bytes, size_t guard, Kind kind) {
  if (kind == Kind::device) count(bytes);
  Range range{(char *)place, bytes, kind, {}, false, false, guard};
  if (following() && kind != Kind::pinned && shadowed_bytes + bytes <= MOST_SHADOWED_BYTES) {
    shadowed_bytes += bytes;
    range.shadow.assign(bytes, (char)options.fill);
  }
  ranges.push_back(std::move(range));
}

// What somebody has written behind it.
inline void look_behind(const Range &range) {
  char now[GUARD_BYTES];
  if (range.guard == 0 || range.guard > sizeof now || !read_device(now, range.start + range.bytes, range.guard)) return;
  outside_bytes += (size_t)std::count_if(now, now + range.guard, [](char byte) { return byte != (char)options.fill; });
}

inline void look_behind_all() {
  for (const Range &range : ranges) look_behind(range);
}

inline void forget(const void *place) {
  for (size_t i = 0; i < ranges.size(); i++) {
    if (ranges[i].start != place) continue;
    if (ranges[i].kind == Kind::device) device_bytes -= ranges[i].bytes;
    shadowed_bytes -= ranges[i].shadow.size();
    ranges.erase(ranges.begin() + (long)i);
    return;
  }
}

inline void forget_all() {
  ranges.clear();
  pending.clear();
  device_bytes = shadowed_bytes = 0;
  blind = true;
}

// Finds out whether a kernel has changed it.
inline void look(Range &range) {
  if (!range.stale || range.kernels || range.shadow.empty()) return;
  std::vector<char> now(range.bytes);
  if (!read_device(now.data(), range.start, range.bytes)) return;
  range.kernels = memcmp(now.data(), range.shadow.data(), range.bytes) != 0;
}

inline void disturb(char *bytes, size_t count) {
  if (options.disturb == Disturb::zeros) memset(bytes, 0, count);
  if (options.disturb != Disturb::other_bits) return;
  for (size_t i = 0; i < count; i++) bytes[i] ^= 0x55;
}

// What is in `to` of the host has come out of a kernel's hands.
inline void deliver(char *to, size_t bytes) {
  reached = true;
  disturb(to, bytes);
  // Programs that step until nothing changes bring the same few bytes again and again.
  if (!kept.empty() && kept.back().start == to && kept.back().bytes.size() == bytes) memcpy(kept.back().bytes.data(), to, bytes);
  else if ((kept_bytes += bytes) <= MOST_KEPT_BYTES) kept.push_back({to, std::vector<char>(to, to + bytes)});
}

inline bool zeros(const char *bytes, size_t count) {
  return std::all_of(bytes, bytes + count, [](char byte) { return byte == 0; });
}

inline void arrived(char *to, const char *from, size_t bytes) {
  Range *range = device_range_of(from);
  if (range == nullptr) {
    if (blind) deliver(to, bytes);
    return;
  }
  look(*range);
  bool believed = launches > 0 && (blind || range->shadow.empty());
  bool sum_of_nothing = range->stale && options.fill != 0 && zeros(to, bytes);
  if (range->kernels || believed || sum_of_nothing) deliver(to, bytes);
}

// Before bytes are put somewhere: what a kernel has done there would be lost.
inline void putting(const void *to) {
  if (!following()) return;
  if (Range *range = device_range_of(to)) look(*range);
}

inline void keep(Range &range, size_t offset, size_t bytes) {
  if (offset != 0 || bytes < range.bytes) return;
  range.kernels = range.stale = false;
}

// Asked to, gives kernels other inputs than the program did.
inline void disturb_input(Range &range, size_t offset, size_t bytes) {
  if (options.disturb != Disturb::inputs) return;
  for (size_t i = 0; i < bytes; i++) range.shadow[offset + i] ^= 0x15;
  if (cudaPeekAtLastError() != cudaSuccess) return;
  if (quietly(real_cudaMemcpyAsync(range.start + offset, range.shadow.data() + offset, bytes, cudaMemcpyHostToDevice, own))) {
    quietly(real_cudaStreamSynchronize(own));
  }
}

inline void copied(void *to, const void *from, size_t bytes) {
  if (!following() || bytes == 0) return;
  Range *target = device_range_of(to), *source = device_range_of(from);
  if (target == nullptr) return arrived((char *)to, (const char *)from, bytes);
  size_t offset = size_t((char *)to - target->start);
  bool kernels = source != nullptr && (look(*source), source->kernels || source->shadow.empty());
  if (target->shadow.empty() || offset + bytes > target->bytes) return;
  if (source == nullptr) memcpy(target->shadow.data() + offset, from, bytes);
  else if (!kernels) memmove(target->shadow.data() + offset, source->shadow.data() + ((const char *)from - source->start), bytes);
  keep(*target, offset, bytes);
  if (kernels) target->kernels = true;
  if (source == nullptr) disturb_input(*target, offset, bytes);
}

inline void set(void *to, int value, size_t bytes) {
  Range *target = following() ? device_range_of(to) : nullptr;
  if (target == nullptr || target->shadow.empty()) return;
  size_t offset = size_t((char *)to - target->start);
  if (offset + bytes > target->bytes) return;
  memset(target->shadow.data() + offset, value, bytes);
  keep(*target, offset, bytes);
}

inline void copied_later(void *to, const void *from, size_t bytes, cudaStream_t stream) {
  if (!following()) return;
  const Range *target = range_of(to);
  // To memory that is not pinned, the call itself waits.
  if (target == nullptr || target->kind != Kind::pinned) return copied(to, from, bytes);
  pending.push_back({(char *)to, (const char *)from, bytes, stream});
}

template <class Row>
void for_each_row(size_t rows, Row row) {
  if (rows > MOST_ROWS) blind = true;
  else
    for (size_t i = 0; i < rows; i++) row(i);
}

// The host has waited: for a stream, or for all (`whole`).
inline void waited(cudaStream_t stream, bool whole) {
  if (!following()) return;
  auto later = std::stable_partition(pending.begin(), pending.end(), [&](const Pending &one) { return whole || one.stream == stream; });
  for (auto one = pending.begin(); one != later; one++) copied(one->to, one->from, one->bytes);
  pending.erase(pending.begin(), later);
  for (Range &range : ranges) {
    if (range.kind != Kind::shared || !range.stale || range.shadow.empty()) continue;
    if (memcmp(range.start, range.shadow.data(), range.bytes) == 0) continue;
    range.kernels = reached = true;
    range.stale = false;
    disturb(range.start, range.bytes);
  }
}

// Variables of the device are memory like other, from when the runtime can say where they are.
inline void find_variables() {
  if (!following() || cudaPeekAtLastError() != cudaSuccess) return;
  for (Variable &one : variables) {
    void *place = nullptr;
    if (one.start != nullptr || one.bytes > MOST_FILLED_BYTES || !quietly(cudaGetSymbolAddress(&place, one.symbol))) continue;
    one.start = (char *)place;
    Range range{one.start, one.bytes, Kind::device, std::vector<char>(one.bytes), false, false, 0};
    if (!read_device(range.shadow.data(), place, one.bytes)) range.shadow.clear();
    ranges.push_back(std::move(range));
  }
}

inline char *place_of(const void *symbol) {
  find_variables();
  for (const Variable &one : variables) {
    if (one.symbol == symbol) return one.start;
  }
  return nullptr;
}

inline void launching() {
  if (!following()) return;
  find_variables();
  for (Range &range : ranges) {
    if (range.kind == Kind::shared && !range.shadow.empty()) memcpy(range.shadow.data(), range.start, range.bytes);
  }
}

inline void launched() {
  launches++;
  for (Range &range : ranges) range.stale = true;
}

inline bool came(const char *place, size_t bytes) {
  if (blind || kept_bytes > MOST_KEPT_BYTES) return true;
  for (size_t i = kept.size(); i-- > 0;) {
    const Kept &one = kept[i];
    if (place < one.start || place + bytes > one.start + one.bytes.size()) continue;
    return memcmp(one.bytes.data() + (place - one.start), place, bytes) == 0;
  }
  return false;
}

} // namespace __ks_loader::witness
#pragma GCC visibility pop
