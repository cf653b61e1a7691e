#include "sp404/sound_folder.h"

#include "base/utf8.h"

#include <reeve/error.h>

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <string_view>
#include <system_error>

namespace sp404 {

namespace {

namespace fs = std::filesystem;

constexpr std::array<std::string_view, 16> endings{".aif", ".aifc", ".aiff", ".au",   ".caf",  ".flac",
                                                   ".mp3", ".oga",  ".ogg",  ".opus", ".rf64", ".snd",
                                                   ".w64", ".wav",  ".wave", ".wv"};

bool is_sound_by_name(const fs::path& path) {
  std::string ending = path.extension().string();
  std::transform(ending.begin(), ending.end(), ending.begin(),
                 [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; });
  return std::find(endings.begin(), endings.end(), ending) != endings.end();
}

class Walk {
 public:
  Walk(const fs::path& folder, const FolderLimits& limits) : folder_(folder), limits_(limits) {}

  FolderContents contents() {
    list({}, 1);
    std::sort(contents_.sounds.begin(), contents_.sounds.end(),
              [](const fs::path& left, const fs::path& right) { return left.native() < right.native(); });
    return std::move(contents_);
  }

 private:
  void list(const fs::path& inner, int depth) {
    if (depth > limits_.depth_max)
      throw reeve::Error(reeve::ErrorCode::limit_exceeded,
                         fmt::format("more than {} folders within each other", limits_.depth_max));
    std::error_code error;
    fs::directory_iterator entry(folder_ / inner, error);
    for (; !error && entry != fs::directory_iterator(); entry.increment(error)) {
      if (++entries_ > limits_.entries_max)
        throw reeve::Error(reeve::ErrorCode::limit_exceeded,
                           fmt::format("more than {} files", limits_.entries_max),
                           "import its folders one by one");
      take(*entry, inner / entry->path().filename(), depth);
    }
    if (error) contents_.unreadable.push_back({text_of(inner), error.message()});
  }

  void take(const fs::directory_entry& entry, const fs::path& path, int depth) {
    std::error_code error;
    const fs::file_type type = entry.symlink_status(error).type();
    if (type == fs::file_type::symlink) {
      ++contents_.links;
    } else if (type == fs::file_type::directory) {
      list(path, depth + 1);
    } else if (type != fs::file_type::regular || !is_sound_by_name(path)) {
      ++contents_.others;
    } else if (!reeve::is_valid_utf8(path.native())) {
      contents_.unreadable.push_back({text_of(path), "its name is not UTF-8"});
    } else {
      contents_.sounds.push_back(path);
    }
  }

  const fs::path& folder_;
  const FolderLimits& limits_;
  FolderContents contents_;
  std::size_t entries_ = 0;
};

}  // namespace

FolderContents list_sounds(const fs::path& folder, const FolderLimits& limits) {
  std::error_code error;
  if (!fs::is_directory(folder, error))
    throw reeve::Error(reeve::ErrorCode::not_found, "there is no folder " + text_of(folder));
  return Walk(folder, limits).contents();
}

std::string text_of(const fs::path& path) {
  if (reeve::is_valid_utf8(path.native())) return path.native();
  std::string text;
  for (const char c : path.native()) {
    const auto byte = static_cast<unsigned char>(c);
    text += byte < 0x80 ? std::string(1, c) : fmt::format("\\x{:02X}", byte);
  }
  return text;
}

}  // namespace sp404
