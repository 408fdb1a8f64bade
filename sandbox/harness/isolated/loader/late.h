// Does the device's work as late as the rules of streams allow, so that a result that nobody has waited for is not there.
//
// - Each stream is a queue. Work is taken when it is asked for, and done when somebody waits for it, or for what comes after it.
// - The null stream waits for what was asked of blocking streams before, and they for what was asked of it.
// - An event is a place in a queue; a stream that waits for it goes on after it.
// - What CUDA does before it returns is done: copies that the host waits for, copies to and from memory that is not page-locked.
//   Calls that nothing is said of here wait for all.
#pragma once
#include <cstddef>
#include <vector>
#include "../../emulator/api.h"
#include "../../emulator/launch.h"
#include "options.h"

#pragma GCC visibility push(hidden)
namespace __ks {

// Defined where the work is: each does its work now.
void launch_now(const Launch &launch, const void *arguments, size_t bytes);
void copy_now(void *to, const void *from, size_t bytes, cudaMemcpyKind kind);
void fill_now(void *to, int value, size_t bytes);

namespace late {

struct Queue;
// All that a queue had been given at some moment.
struct Mark {
  Queue *queue;
  size_t end;
};

struct Work {
  enum Kind { launched, copied, filled, called, waited } kind;
  Launch grid{};
  // Arguments of a launch, or what a copy brings, where its source may be gone later.
  std::vector<char> content;
  bool own_content = false;
  void *to = nullptr;
  const void *from = nullptr;
  size_t bytes = 0;
  int value = 0;
  cudaMemcpyKind direction = cudaMemcpyDefault;
  cudaHostFn_t function = nullptr;
  std::vector<Mark> after;
};

struct Queue {
  cudaStream_t stream;
  bool blocking, named = true;
  std::vector<Work> given;
  size_t done = 0;
  size_t end() const { return given.size(); }
};

struct Event {
  cudaEvent_t event;
  Mark mark;
};

// Never freed, as the record. The first is the null stream's.
inline auto &queues = *new std::vector<Queue *>{new Queue{nullptr, true}};
inline auto &events = *new std::vector<Event>;
// Whether it could matter when work is done: it has a stream of its own, or memory that the host reads without a copy.
inline bool matters = false;
inline bool busy = false;

inline bool is_late() { return __ks_loader::options.late && !busy && !in_device; }

inline Queue &queue_of(cudaStream_t stream) {
  if (stream == nullptr || stream == cudaStreamLegacy) return *queues.front();
  for (Queue *queue : queues) {
    if (queue->named && queue->stream == stream) return *queue;
  }
  queues.push_back(new Queue{stream, true});
  return *queues.back();
}

inline void settle(Mark mark);
inline void settle(cudaStream_t stream);

inline void perform(Work &work) {
  switch (work.kind) {
    case Work::launched: launch_now(work.grid, work.content.data(), work.content.size()); break;
    case Work::copied: copy_now(work.to, work.own_content ? work.content.data() : work.from, work.bytes, work.direction); break;
    case Work::filled: fill_now(work.to, work.value, work.bytes); break;
    case Work::called: work.function(work.to); break;
    case Work::waited: break;
  }
}

inline void settle(Mark mark) {
  while (mark.queue->done < mark.end) {
    Work work = std::move(mark.queue->given[mark.queue->done++]);
    for (const Mark &before : work.after) settle(before);
    busy = true;
    perform(work);
    busy = false;
  }
}

inline void take(cudaStream_t stream, Work &&work) {
  Queue &queue = queue_of(stream);
  Queue &null = *queues.front();
  if (&queue == &null) {
    for (Queue *other : queues) {
      if (other != &null && other->blocking) work.after.push_back({other, other->end()});
    }
  } else if (queue.blocking) work.after.push_back({&null, null.end()});
  queue.given.push_back(std::move(work));
}

inline bool in_stream(cudaStream_t stream) {
  if (stream != nullptr && stream != cudaStreamLegacy) matters = true;
  return is_late();
}

inline bool launch(const Launch &grid, const void *arguments, size_t bytes) {
  if (!in_stream(grid.stream)) return false;
  Work work{Work::launched};
  work.grid = grid;
  work.content.assign((const char *)arguments, (const char *)arguments + bytes);
  take(grid.stream, std::move(work));
  return true;
}

inline bool copy(cudaStream_t stream, void *to, const void *from, size_t bytes, cudaMemcpyKind kind, bool to_pageable, bool from_pageable) {
  if (!in_stream(stream)) return false;
  // CUDA returns when such a copy has been made.
  if (to_pageable) {
    settle(stream);
    return false;
  }
  Work work{Work::copied};
  work.to = to;
  work.from = from;
  work.bytes = bytes;
  work.direction = kind;
  work.own_content = from_pageable;
  if (from_pageable) work.content.assign((const char *)from, (const char *)from + bytes);
  take(stream, std::move(work));
  return true;
}

inline bool fill(cudaStream_t stream, void *to, int value, size_t bytes) {
  if (!in_stream(stream)) return false;
  Work work{Work::filled};
  work.to = to;
  work.value = value;
  work.bytes = bytes;
  take(stream, std::move(work));
  return true;
}

inline bool call(cudaStream_t stream, cudaHostFn_t function, void *data) {
  if (!in_stream(stream)) return false;
  Work work{Work::called};
  work.function = function;
  work.to = data;
  take(stream, std::move(work));
  return true;
}

inline void made(cudaStream_t stream, bool blocking) { queues.push_back(new Queue{stream, blocking}); }
// Its work is done all the same.
inline void forgotten(cudaStream_t stream) {
  if (stream != nullptr) queue_of(stream).named = false;
}
inline void shared_memory() { matters = true; }

inline Event *event_of(cudaEvent_t event) {
  for (Event &one : events) {
    if (one.event == event) return &one;
  }
  return nullptr;
}

// An event of the null stream stands for what blocking streams had been given, too: so it is work of its own.
inline void record(cudaEvent_t event, cudaStream_t stream) {
  if (!in_stream(stream)) return;
  take(stream, Work{Work::waited});
  Queue &queue = queue_of(stream);
  if (Event *known = event_of(event)) known->mark = {&queue, queue.end()};
  else events.push_back({event, {&queue, queue.end()}});
}

inline void wait(cudaStream_t stream, cudaEvent_t event) {
  Event *known = event_of(event);
  if (!in_stream(stream) || known == nullptr) return;
  Work work{Work::waited};
  work.after.push_back(known->mark);
  take(stream, std::move(work));
}

inline void settle() {
  if (!is_late()) return;
  // A function of the host that is called may ask for more.
  for (size_t i = 0; i < queues.size(); i++) settle(Mark{queues[i], queues[i]->end()});
}
inline void settle(cudaStream_t stream) {
  if (!is_late()) return;
  Queue &queue = queue_of(stream);
  if (&queue == queues.front()) take(stream, Work{Work::waited});
  settle(Mark{&queue, queue.end()});
}
inline void settle(cudaEvent_t event) {
  Event *known = event_of(event);
  if (is_late() && known != nullptr) settle(known->mark);
}

} // namespace late
} // namespace __ks
#pragma GCC visibility pop
