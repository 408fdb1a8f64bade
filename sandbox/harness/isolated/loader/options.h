// What the node asks of one run. None of it is secret but the nonce, which comes by standard input.
#pragma once
#include <cstddef>

#pragma GCC visibility push(hidden)
namespace __ks_loader {

// What is done to the bytes that come to the host from memory that a kernel wrote.
enum class Disturb {
  not_at_all,
  zeros,
  other_bits,
  // On a GPU: what kernels are given is changed instead.
  inputs,
};

struct Options {
  int test = 0;
  // What memory holds that nobody has written.
  unsigned char fill = 0;
  // Whether memory is filled with it.
  bool fills = true;
  Disturb disturb = Disturb::not_at_all;
  // Most bytes of values that are reported.
  size_t most_values = 0;
};

inline Options options;

} // namespace __ks_loader
#pragma GCC visibility pop
