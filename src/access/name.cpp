#include "access/name.h"

#include "base/utf8.h"

#include <reeve/error.h>

#include <fmt/format.h>

#include <algorithm>

namespace reeve::access {

void check_name(std::string_view what, std::string_view name, std::size_t bytes_max) {
  const auto is_control = [](char c) { return static_cast<unsigned char>(c) < 0x20U || c == 0x7f; };
  if (name.empty() || name.size() > bytes_max || !is_valid_utf8(name) ||
      std::any_of(name.begin(), name.end(), is_control)) {
    throw Error(ErrorCode::invalid_input,
                fmt::format("{} has 1 to {} bytes of UTF-8, without control characters", what, bytes_max));
  }
}

}  // namespace reeve::access
