#include "base/descriptor.h"

#include <unistd.h>

#include <cerrno>

namespace reeve {

void Descriptor::close() {
  if (is_open()) ::close(std::exchange(number_, -1));
}

bool write_all(const Descriptor& descriptor, std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t count = ::write(descriptor.number(), bytes.data(), bytes.size());
    if (count < 0 && errno == EINTR) continue;
    if (count <= 0) return false;
    bytes.remove_prefix(static_cast<std::size_t>(count));
  }
  return true;
}

}  // namespace reeve
