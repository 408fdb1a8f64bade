// Copies between host, device memory and the device's variables, with the runtime's checks.
#pragma once
#include <cstring>
#include "../api.h"
#include "allocations.h"
#include "managed.h"
#include "status.h"

namespace __ks {

// The device's variables whose address the host has asked for. Their bytes are the device process's own.
struct Variable {
  uintptr_t start;
  size_t bytes;
};
inline Variable variables[256];
inline unsigned variable_count = 0;

inline const Variable *find_variable(uintptr_t at) {
  for (unsigned i = 0; i < variable_count; i++) {
    if (at >= variables[i].start && at < variables[i].start + variables[i].bytes) return &variables[i];
  }
  return nullptr;
}

inline void know_variable(const void *address, size_t bytes) {
  auto at = (uintptr_t)address;
  if (find_variable(at) != nullptr) return;
  if (variable_count == sizeof variables / sizeof *variables) unsupported("too many device variables");
  variables[variable_count++] = {at, bytes};
  witness::variable(at, bytes);
}

inline void read_variable(void *to, const void *from, size_t bytes) {
  for (size_t done = 0, part; done < bytes; done += part) {
    part = bytes - done < STAGING_BYTES ? bytes - done : STAGING_BYTES;
    control->address = (char *)from + done;
    control->bytes = part;
    if (!ask_device(Request::read)) return;
    memcpy((char *)to + done, control->staging, part);
  }
}

inline void write_variable(void *to, const void *from, size_t bytes) {
  for (size_t done = 0, part; done < bytes; done += part) {
    part = bytes - done < STAGING_BYTES ? bytes - done : STAGING_BYTES;
    memcpy(control->staging, (const char *)from + done, part);
    control->address = (char *)to + done;
    control->bytes = part;
    if (!ask_device(Request::write)) return;
  }
}

enum class Place { host, device, both, variable, nowhere };

// Where a range lies; nowhere when it leaves its allocation.
inline Place place_of(const void *address, size_t bytes) {
  auto at = (uintptr_t)address;
  if (is_managed_variable(at)) return Place::both;
  if (const Variable *variable = find_variable(at)) {
    return at + bytes <= variable->start + variable->bytes ? Place::variable : Place::nowhere;
  }
  if (!in_arena(at)) return Place::host;
  const Allocation *allocation = allocations.find(at);
  if (allocation == nullptr || bytes > allocation->start + allocation->bytes - at) return Place::nowhere;
  return allocation->kind == Memory::device ? Place::device : Place::both;
}

inline bool device_can(Place place) { return place == Place::device || place == Place::variable || place == Place::both; }
inline bool host_can(Place place) { return place == Place::host || place == Place::both; }

inline bool direction_fits(Place to, Place from, cudaMemcpyKind kind) {
  switch (kind) {
    case cudaMemcpyHostToHost: return host_can(to) && host_can(from);
    case cudaMemcpyHostToDevice: return device_can(to) && host_can(from);
    case cudaMemcpyDeviceToHost: return host_can(to) && device_can(from);
    case cudaMemcpyDeviceToDevice: return device_can(to) && device_can(from);
    case cudaMemcpyDefault: return to != Place::nowhere && from != Place::nowhere;
  }
  return false;
}

// The host's view of a range that is no variable.
inline void *view(const void *address) { return in_arena((uintptr_t)address) ? alias_of((uintptr_t)address) : (void *)address; }

inline void move(void *to, Place to_place, const void *from, Place from_place, size_t bytes) {
  if (from_place == Place::variable && to_place == Place::variable) {
    char *between = static_cast<char *>(malloc(bytes));
    read_variable(between, from, bytes);
    write_variable(to, between, bytes);
    free(between);
  } else if (from_place == Place::variable) read_variable(view(to), from, bytes);
  else if (to_place == Place::variable) write_variable(to, view(from), bytes);
  else memmove(view(to), view(from), bytes);
}

// Device memory that was not allocated, or not so much of it: a GPU's runtime refuses that, a program must not ask for it.
inline cudaError refuse_range(const void *address, size_t bytes) {
  if (in_arena((uintptr_t)address)) {
    const Allocation *allocation = allocations.find((uintptr_t)address);
    sanitizer::range_refused(bytes, allocation == nullptr ? 0 : allocation->start + allocation->bytes - (uintptr_t)address);
  }
  return remember(cudaErrorInvalidValue);
}

// Of ranges that were looked at when the copy was asked for.
inline void copy_now(void *to, const void *from, size_t bytes, cudaMemcpyKind) {
  move(to, place_of(to, bytes), from, place_of(from, bytes), bytes);
  witness::moved(to, from, bytes);
}

inline cudaError copy(void *to, const void *from, size_t bytes, cudaMemcpyKind kind, cudaStream_t stream, Wait wait) {
  if (wait == Wait::yes) late::settle(stream);
  if (cudaError stuck = device_status()) return stuck;
  if (bytes == 0) return cudaSuccess;
  Place to_place = place_of(to, bytes), from_place = place_of(from, bytes);
  if (kind < cudaMemcpyHostToHost || kind > cudaMemcpyDefault) return remember(cudaErrorInvalidMemcpyDirection);
  if (to_place == Place::nowhere) return refuse_range(to, bytes);
  if (from_place == Place::nowhere) return refuse_range(from, bytes);
  if (!direction_fits(to_place, from_place, kind)) return remember(cudaErrorInvalidValue);
  if (wait == Wait::no && late::copy(stream, to, from, bytes, kind, to_place == Place::host, from_place == Place::host)) return cudaSuccess;
  copy_now(to, from, bytes, kind);
  return cudaSuccess;
}

inline void fill_now(void *to, int value, size_t bytes) {
  if (place_of(to, bytes) != Place::variable) {
    memset(view(to), value, bytes);
    witness::moved(to, nullptr, bytes);
    return;
  }
  char *pattern = static_cast<char *>(malloc(bytes));
  memset(pattern, value, bytes);
  write_variable(to, pattern, bytes);
  witness::moved(to, pattern, bytes);
  free(pattern);
}

// The host never waits for one.
inline cudaError fill(void *to, int value, size_t bytes, cudaStream_t stream = nullptr) {
  if (cudaError stuck = device_status()) return stuck;
  if (bytes == 0) return cudaSuccess;
  Place place = place_of(to, bytes);
  if (place == Place::nowhere) return refuse_range(to, bytes);
  if (!device_can(place)) return remember(cudaErrorInvalidValue);
  if (!late::fill(stream, to, value, bytes)) fill_now(to, value, bytes);
  return cudaSuccess;
}

} // namespace __ks
