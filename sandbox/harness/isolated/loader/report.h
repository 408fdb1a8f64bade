// The report of a run, on a descriptor that the program is not told of, with a nonce that it is not told either:
//
//     report = nonce " report" LF *( key " " value LF ) "values " LENGTH LF BYTES nonce " end" LF
//
// or, where the run was not to be, nonce " " REASON LF. It is written at once, when the test has come to its end.
#pragma once
#include <cstdlib>
#include <fcntl.h>
#include <string>
#include <unistd.h>
#include "record.h"

#pragma GCC visibility push(hidden)
namespace __ks_loader {

// A high number, where nobody looks who opens files.
constexpr int REPORT_AT = 100;
constexpr size_t NONCE_BYTES = 64;

inline std::string &nonce = *new std::string;
inline int report_to = -1;

// What this executor adds, a line each.
std::string more();

// Before anything of the program is loaded.
inline bool take_secrets() {
  char text[NONCE_BYTES];
  for (ssize_t size; (size = ::read(STDIN_FILENO, text, sizeof text)) > 0 && nonce.size() < NONCE_BYTES;) nonce.append(text, (size_t)size);
  memset(text, 0, sizeof text);
  int nothing = open("/dev/null", O_RDONLY);
  if (nothing < 0 || dup2(nothing, STDIN_FILENO) != STDIN_FILENO) return false;
  if (nothing != STDIN_FILENO) close(nothing);
  report_to = fcntl(3, F_DUPFD, REPORT_AT);
  close(3);
  return nonce.size() == NONCE_BYTES && report_to >= 0;
}

inline void send(const std::string &text) {
  for (size_t at = 0; at < text.size();) {
    ssize_t size = write(report_to, text.data() + at, text.size() - at);
    if (size <= 0) return;
    at += (size_t)size;
  }
}

[[noreturn]] inline void refuse(const std::string &reason) {
  send(nonce + ' ' + reason + '\n');
  _exit(125);
}

inline std::string report_text() {
  std::string text = nonce + " report\n" + record.changes + more();
  for (int line : record.lines) text += "called " + std::to_string(line) + '\n';
  text += "values " + std::to_string(record.values.size()) + '\n' + record.values;
  return text + nonce + " end\n";
}

} // namespace __ks_loader
#pragma GCC visibility pop
