// The error the runtime remembers, and the one that a kernel left behind.
//
// An error of a call is remembered until cudaGetLastError reads it. An error of a kernel shows at the next call that waits for
// the device, and from then on at every call: it sticks.
#pragma once
#include "control.h"
#include "late.h"
#include "printing.h"
#include "process.h"

namespace __ks {

inline cudaError last_error = cudaSuccess;
inline cudaError stuck_error = cudaSuccess;

inline cudaError remember(cudaError error) {
  if (error != cudaSuccess) last_error = error;
  return error;
}

// What the work that has been done came to.
inline cudaError device_status() {
  start_device();
  if (stuck_error == cudaSuccess) {
    stuck_error = control->error;
    if (stuck_error == cudaSuccess) flush_device_prints();
  }
  return remember(stuck_error);
}

// Every call that waits for the device begins so.
inline cudaError wait_for_device() {
  late::settle();
  return device_status();
}

} // namespace __ks
