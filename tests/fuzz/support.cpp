#include "fuzz/support.h"

#include <stdlib.h>

#include <stdexcept>

namespace reeve::fuzz {

void require(bool holds, std::string_view promise, std::string_view detail) {
  if (holds) return;
  throw std::logic_error("not so: " + std::string(promise) + (detail.empty() ? "" : ": ") +
                         std::string(detail));
}

std::vector<std::string_view> parts_of(std::string_view input, std::size_t count) {
  constexpr std::string_view separator = "\n%%\n";
  std::vector<std::string_view> parts;
  while (parts.size() + 1 < count) {
    const std::size_t end = input.find(separator);
    parts.push_back(input.substr(0, end));
    input = end == std::string_view::npos ? std::string_view() : input.substr(end + separator.size());
  }
  parts.push_back(input);
  return parts;
}

Folder::Folder() {
  const bool in_memory = std::filesystem::is_directory("/dev/shm");
  std::string name =
      (in_memory ? std::filesystem::path("/dev/shm") : std::filesystem::temp_directory_path()) /
      "reeve_fuzz_XXXXXX";
  require(::mkdtemp(name.data()) != nullptr, "there is a temporary folder");
  path_ = name;
}

Folder::~Folder() {
  std::error_code ignored;
  std::filesystem::remove_all(path_, ignored);
}

}  // namespace reeve::fuzz
