#include "cli/secret_file.h"

#include <reeve/error.h>

#include <fmt/format.h>

#include <sys/mman.h>
#include <unistd.h>

namespace reeve::cli {

SecretFile::SecretFile(const Secret& secret) : descriptor_(::memfd_create("reeve_secret", MFD_CLOEXEC)) {
  const std::string_view text = secret.text();
  const bool is_written =
      descriptor_ >= 0 && ::write(descriptor_, text.data(), text.size()) == static_cast<ssize_t>(text.size());
  if (!is_written) {
    if (descriptor_ >= 0) ::close(descriptor_);
    throw Error(ErrorCode::unavailable, "there is no memory for a secret", "free some memory");
  }
}

SecretFile::~SecretFile() { ::close(descriptor_); }

std::string SecretFile::path() const { return fmt::format("/proc/self/fd/{}", descriptor_); }

}  // namespace reeve::cli
