// The loader of the host executor.
#include "load.h"

namespace __ks_loader {
bool came_from_kernel(const char *, size_t) { return true; }
std::string more() { return ""; }
} // namespace __ks_loader

int main(int argc, char **argv) { __ks_loader::finish(__ks_loader::run_on_filled_stack(__ks_loader::load(argc, argv))); }
