#include "cli/output.h"

#include <reeve/error.h>

#include <unistd.h>
#include <cerrno>
#include <cstddef>

namespace reeve::cli {

namespace {
constexpr std::size_t buffer_bytes = 64 * 1024;
}  // namespace

FileOutput::FileOutput(int descriptor) : descriptor_(descriptor), terminal_(::isatty(descriptor) == 1) {}

void FileOutput::write(std::string_view text) {
  buffer_ += text;
  if (buffer_.size() >= buffer_bytes) flush();
}

void FileOutput::flush() {
  std::string_view rest = buffer_;
  while (!rest.empty()) {
    const ssize_t written = ::write(descriptor_, rest.data(), rest.size());
    if (written >= 0) {
      rest.remove_prefix(static_cast<std::size_t>(written));
      continue;
    }
    if (errno == EINTR) continue;
    const bool closed = errno == EPIPE;
    buffer_.clear();
    if (closed) throw PipeClosed();
    throw Error(ErrorCode::unavailable, "the output can't be written",
                "look for a full disk, or write elsewhere");
  }
  buffer_.clear();
}

}  // namespace reeve::cli
