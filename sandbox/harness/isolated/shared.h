// Memory that a block shares is filled when a block first comes to its declaration.
#pragma once
#include <cstddef>

namespace __ks {

// The loader's. Does nothing but in a kernel, and there once a block.
void fresh_shared(void *place, std::size_t bytes);

// Follows the declaration of an array, inside of functions or outside.
struct FreshShared {
  FreshShared(void *place, std::size_t bytes) { fresh_shared(place, bytes); }
};

} // namespace __ks
