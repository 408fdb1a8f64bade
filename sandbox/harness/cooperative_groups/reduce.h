// reduce() over the lanes of a group.
#pragma once
#include "../emulator/groups.h"

namespace cooperative_groups {

template <class T>
struct plus {
  T operator()(T a, T b) const { return a + b; }
};
template <class T>
struct less {
  T operator()(T a, T b) const { return b < a ? b : a; }
};
template <class T>
struct greater {
  T operator()(T a, T b) const { return a < b ? b : a; }
};

// The same in every lane. The order is a tree over the ranks, as shuffles would do it.
template <class Group, class T, class F>
T reduce(const Group &group, T value, F &&f) {
  unsigned size = group.size();
  for (unsigned step = 1; step < size; step *= 2) {
    T other = group.shfl(value, (int)((group.thread_rank() + step) % size));
    if (group.thread_rank() % (2 * step) == 0 && group.thread_rank() + step < size) value = f(value, other);
  }
  return group.shfl(value, 0);
}

} // namespace cooperative_groups
