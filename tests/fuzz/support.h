#pragma once
// What the targets share.

#include <reeve/error.h>

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace reeve::fuzz {

/// Throws what no target catches: the promise is broken, and `detail` shows by what.
void require(bool holds, std::string_view promise, std::string_view detail = {});

/// What `work` gives, or nothing when it refuses: by an Error with a message that is no defect of Reeve's.
template <typename Work>
auto unless_refused(const Work& work) -> std::optional<decltype(work())> {
  try {
    return work();
  } catch (const Error& error) {
    if (error.code() == ErrorCode::internal) throw;
    require(!error.message().empty(), "a refusal says what is wrong");
    return std::nullopt;
  }
}

/// The parts of an input, which lines of `%%` stand between; always `count`, those that are missing empty.
std::vector<std::string_view> parts_of(std::string_view input, std::size_t count);

/// A folder of this process that is gone when it ends.
class Folder {
 public:
  Folder();
  ~Folder();
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;
  std::filesystem::path path(std::string_view name) const { return path_ / name; }
  const std::filesystem::path& path() const { return path_; }

 private:
  std::filesystem::path path_;
};

}  // namespace reeve::fuzz
