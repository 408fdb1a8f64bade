// Variables marked __managed__, which host and kernels read and write under one name. They lie in a section of their own, which
// each process has: what the host wrote is shown to the device before a kernel, what the kernel wrote to the host after it.
// Kernels run while the host waits, so nobody sees the difference.
#pragma once
#include <cstring>
#include "process.h"

extern "C" {
__attribute__((weak, visibility("hidden"))) extern char __start_ks_managed[], __stop_ks_managed[];
}

namespace __ks {

inline size_t managed_bytes() { return __start_ks_managed == nullptr ? 0 : __stop_ks_managed - __start_ks_managed; }
inline bool is_managed_variable(uintptr_t at) { return at - (uintptr_t)__start_ks_managed < managed_bytes(); }

inline void show_managed_to_device() {
  for (size_t done = 0, part; done < managed_bytes(); done += part) {
    part = managed_bytes() - done < STAGING_BYTES ? managed_bytes() - done : STAGING_BYTES;
    control->address = __start_ks_managed + done;
    control->bytes = part;
    memcpy(control->staging, control->address, part);
    if (!ask_device(Request::write)) return;
  }
}

inline void show_managed_to_host() {
  for (size_t done = 0, part; done < managed_bytes(); done += part) {
    part = managed_bytes() - done < STAGING_BYTES ? managed_bytes() - done : STAGING_BYTES;
    control->address = __start_ks_managed + done;
    control->bytes = part;
    if (!ask_device(Request::read)) return;
    memcpy(__start_ks_managed + done, control->staging, part);
  }
}

} // namespace __ks
