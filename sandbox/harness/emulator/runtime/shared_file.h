// Memory that processes share.
#pragma once
#include <cstddef>
#include <fcntl.h>
#include <initializer_list>
#include <sys/mman.h>
#include <unistd.h>

namespace __ks {

// What host and device process share lies in a file without a name, in memory: of a folder for it, or where there is none of
// the temporary one. Shared memory that is in no file is refused in a jail: what is unmapped of that is still held, and by nobody.
inline int shared_file() {
  for (const char *folder : {"/device", "/tmp"}) {
    int file = open(folder, O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
    if (file >= 0) return file;
  }
  return -1;
}

inline void *map_shared(void *at, size_t bytes, int file) {
  int place = at == nullptr ? 0 : MAP_FIXED_NOREPLACE;
  return mmap(at, bytes, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_NORESERVE | place, file, 0);
}

// So much that processes share. Null when there is none.
inline void *make_shared(size_t bytes) {
  int file = shared_file();
  if (file < 0) return nullptr;
  void *made = ftruncate(file, bytes) == 0 ? map_shared(nullptr, bytes, file) : MAP_FAILED;
  close(file);
  return made == MAP_FAILED ? nullptr : made;
}

} // namespace __ks
