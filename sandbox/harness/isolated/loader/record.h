// What the calls of wrapper have shown, kept until the test has come to its end.
#pragma once
#include <string>
#include <vector>
#include "values.h"

#pragma GCC visibility push(hidden)
namespace __ks_loader {

struct Snapshot {
  bool known = false;
  std::vector<char> bytes;
};

struct Record {
  std::string values;
  // A line for each argument array that a call changed: see report.h.
  std::string changes;
  // Lines of its test on which wrapper was called.
  std::vector<int> lines;
  std::vector<Snapshot> before;
  bool finished = false;
  int code = 0;
};

// Never freed: the program's own destructors may still call wrapper.
inline Record &record = *new Record;

// Whether bytes came to this place of the host from memory that a kernel wrote, and are still the same.
bool came_from_kernel(const char *place, size_t bytes);

inline Snapshot snapshot_of(const Described &one) {
  Snapshot snapshot;
  if (!has_elements(one) || one.dimensions == 0) return snapshot;
  snapshot.known = true;
  for_each_run(one, [&](const char *place, size_t count) {
    if (count > 0) snapshot.bytes.insert(snapshot.bytes.end(), place, place + count * one.bytes);
  });
  return snapshot;
}

// "change CALL ARGUMENT CHANGED HOST-MADE INDEX,INDEX,..." with the first of the elements that no copy explains.
constexpr size_t MOST_INDICES = 4096;

inline void note_changes(size_t argument, const Described &now, const Snapshot &before) {
  size_t changed = 0, unexplained = 0, index = 0;
  std::string indices;
  for_each_run(now, [&](const char *place, size_t count) {
    for (size_t i = 0; i < count; i++, index++) {
      const char *at = place + i * now.bytes;
      size_t offset = index * now.bytes;
      if (offset + now.bytes <= before.bytes.size() && memcmp(at, before.bytes.data() + offset, now.bytes) == 0) continue;
      changed++;
      if (came_from_kernel(at, now.bytes)) continue;
      if (unexplained++ < MOST_INDICES) indices += (unexplained > 1 ? "," : "") + std::to_string(index);
    }
  });
  if (changed == 0) return;
  record.changes += "change " + std::to_string(record.lines.size()) + ' ' + std::to_string(argument + 1) + ' ' +
                    std::to_string(changed) + ' ' + std::to_string(unexplained) + ' ' + indices + '\n';
}

inline void begin(int line, const Described *arguments, size_t count) {
  record.lines.push_back(line);
  if (!full(record.values)) record.values += "call\n";
  record.before.clear();
  for (size_t i = 0; i < count; i++) record.before.push_back(snapshot_of(arguments[i]));
}

inline void returned(const Described *value) {
  if (full(record.values)) return;
  record.values += "return ";
  if (value == nullptr) record.values += "void";
  else append_value(record.values, *value);
  record.values += '\n';
}

inline void arguments(const Described *arguments, size_t count) {
  for (size_t i = 0; i < count; i++) {
    if (i < record.before.size() && record.before[i].known) note_changes(i, arguments[i], record.before[i]);
    if (full(record.values)) continue;
    record.values += "arg ";
    append_value(record.values, arguments[i]);
    record.values += '\n';
  }
}

inline void thrown(const char *what) {
  if (full(record.values)) return;
  append_hex(record.values += "thrown ", what);
  record.values += '\n';
}

} // namespace __ks_loader
#pragma GCC visibility pop
