// What the loader is asked to do, by standard input, when its turn on the GPU has come:
//
//     orders = NONCE (64 letters) LF TEST " " FILL " " DISTURB " " MOST-VALUES " " MODE LF, then the end of the input
//
// Nothing at all is an order to leave. The program finds an empty input.
#pragma once
#include <cstdio>
#include <fcntl.h>
#include <string>
#include <unistd.h>
#include "../options.h"
#include "../report.h"

#pragma GCC visibility push(hidden)
namespace __ks_loader {

// How a unit is run on a GPU. Plain: as the reference does, measured. Isolated: memory filled, and what kernels do followed.
// Checked: by compute-sanitizer around this process, which must see the program's own calls and no other.
enum class Mode { plain, isolated, checked };
inline Mode mode = Mode::plain;

constexpr size_t MOST_ORDERS_BYTES = 256;

// False where there are none.
inline bool take_orders() {
  std::string text;
  char piece[MOST_ORDERS_BYTES];
  for (ssize_t size; text.size() < MOST_ORDERS_BYTES && (size = ::read(STDIN_FILENO, piece, sizeof piece)) > 0;) text.append(piece, (size_t)size);
  memset(piece, 0, sizeof piece);
  int test = 0, fill = 0, disturb = 0, which = 0;
  unsigned long long most = 0;
  if (text.size() <= NONCE_BYTES) return false;
  if (sscanf(text.c_str() + NONCE_BYTES, "%d %d %d %llu %d", &test, &fill, &disturb, &most, &which) != 5) return false;
  nonce = text.substr(0, NONCE_BYTES);
  memset(&text[0], 0, text.size());
  options.test = test;
  options.fill = (unsigned char)fill;
  options.disturb = (Disturb)disturb;
  options.most_values = (size_t)most;
  mode = (Mode)which;
  options.fills = mode == Mode::isolated;
  int nothing = open("/dev/null", O_RDONLY);
  if (nothing < 0 || dup2(nothing, STDIN_FILENO) != STDIN_FILENO) return false;
  if (nothing != STDIN_FILENO) close(nothing);
  return true;
}

} // namespace __ks_loader
#pragma GCC visibility pop
