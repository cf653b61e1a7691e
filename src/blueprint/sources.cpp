#include "blueprint/sources.h"

#include "base/utf8.h"
#include "blueprint/file_name.h"
#include "blueprint/findings.h"

#include <algorithm>
#include <fstream>
#include <system_error>

namespace reeve::blueprint {
namespace {

namespace fs = std::filesystem;

/// Files that live beside the sources and are no part of them: a description, and what editors and
/// version control leave (`.gitkeep`, `.x.swp`).
bool is_ignored(std::string_view name) { return name == "README.md" || name.starts_with('.'); }

class FolderReader {
 public:
  explicit FolderReader(const fs::path& folder) : folder_(folder) {
    std::error_code error;
    const fs::file_status status = fs::status(folder, error);
    if (!fs::exists(status)) {
      throw Error(ErrorCode::not_found, "there is no folder " + folder.string(),
                  "give the folder of a blueprint");
    }
    if (!fs::is_directory(status)) {
      throw Error(ErrorCode::invalid_input, folder.string() + " is not a folder",
                  "give the folder of a blueprint");
    }
    root_ = fs::canonical(folder, error);
    if (error) unreadable(folder.string(), error);
  }

  Sources read() {
    if (fs::symlink_status(folder_ / "blueprint.toml").type() == fs::file_type::not_found) {
      throw Error(ErrorCode::not_found, "there is no blueprint.toml in " + folder_.string(),
                  "give the folder of a blueprint, or make one: reeve new NAME");
    }
    read_file("blueprint.toml");
    for (const std::string folder :
         {"commands", "events", "jobs", "limits", "migrations", "queries", "search"})
      read_folder(folder);
    return std::move(sources_);
  }

 private:
  [[noreturn]] static void unreadable(const std::string& path, const std::error_code& error) {
    throw Error(ErrorCode::denied, "can't read " + path + ": " + error.message(),
                "let the user who runs this read the folder and its files", {path, 0, 0});
  }

  void read_folder(const std::string& name) {
    std::error_code error;
    const fs::path path = folder_ / name;
    if (fs::symlink_status(path, error).type() == fs::file_type::not_found) return;
    refuse_outside(name);
    if (!fs::is_directory(path, error)) {
      throw Error(ErrorCode::invalid_input, name + " is not a folder", name_rule(""), {name, 0, 0});
    }
    std::vector<std::string> names;
    for (fs::directory_iterator entry(path, error), end; !error && entry != end; entry.increment(error)) {
      names.push_back(entry->path().filename().string());
      if (names.size() > files_max) refuse_more_files();
    }
    if (error) unreadable(name, error);
    // In order, so that of several faults the same one is always reported.
    std::sort(names.begin(), names.end());
    for (const std::string& file : names) {
      if (is_ignored(file)) continue;
      const std::string relative = name + "/" + file;
      if (!parse_file_name(relative)) {
        const bool readable = is_valid_utf8(file);
        throw Error(ErrorCode::invalid_input,
                    (readable ? relative : "a file in " + name + " whose name is not UTF-8") +
                        " fits no rule of its folder",
                    name_rule(name), {readable ? relative : name, 0, 0});
      }
      read_file(relative);
    }
  }

  void read_file(const std::string& relative) {
    if (sources_.files.size() >= files_max) refuse_more_files();
    refuse_outside(relative);
    const fs::path path = folder_ / relative;
    std::error_code error;
    // A pipe or a device would block or never end.
    if (!fs::is_regular_file(path, error)) {
      throw Error(ErrorCode::invalid_input, relative + " is not a regular file",
                  "put a text file in its place", {relative, 0, 0});
    }
    std::ifstream stream(path, std::ios::binary);
    if (!stream) unreadable(relative, std::make_error_code(std::errc::permission_denied));
    // One byte more than allowed tells a file that is too large without reading all of it.
    buffer_.resize(file_bytes_max + 1);
    stream.read(buffer_.data(), static_cast<std::streamsize>(buffer_.size()));
    if (stream.bad()) unreadable(relative, std::make_error_code(std::errc::io_error));
    std::string text(buffer_, 0, static_cast<std::size_t>(stream.gcount()));
    if (const std::optional<Finding> finding = check_text(relative, text)) {
      throw Error(finding->code, finding->message, finding->remedy, finding->place);
    }
    bytes_ += text.size();
    if (bytes_ > sources_bytes_max) {
      throw Error(ErrorCode::limit_exceeded, "the files of the blueprint are larger than 16 MiB together",
                  "move data out of the blueprint: rows come by events", {relative, 0, 0});
    }
    sources_.files.emplace(relative, std::move(text));
  }

  /// A symbolic link may point within the folder only: what is stored with a database must be what the
  /// folder holds, and reading a blueprint must not read other people's files.
  void refuse_outside(const std::string& relative) const {
    std::error_code error;
    const fs::path target = fs::canonical(folder_ / relative, error);
    if (error == std::errc::permission_denied) unreadable(relative, error);
    const auto [root_end, rest] = std::mismatch(root_.begin(), root_.end(), target.begin(), target.end());
    if (error || root_end != root_.end()) {
      throw Error(
          ErrorCode::invalid_input,
          relative + (error ? " is a symbolic link to nothing" : " is a symbolic link out of the folder"),
          "put the file itself there", {relative, 0, 0});
    }
  }

  [[noreturn]] static void refuse_more_files() {
    throw Error(ErrorCode::limit_exceeded, "the blueprint has more than 10,000 files",
                "keep other files elsewhere");
  }

  fs::path folder_;
  fs::path root_;
  std::size_t bytes_ = 0;
  std::string buffer_;  ///< for one file after the other
  Sources sources_;
};

/// Where the first byte is that is no valid UTF-8.
std::size_t find_invalid_utf8(std::string_view text) {
  std::size_t line = 0;
  while (true) {
    const std::size_t end = text.find('\n', line);
    const std::string_view content = text.substr(line, end == std::string_view::npos ? end : end - line);
    if (!is_valid_utf8(content)) {
      std::size_t valid = 0;
      while (valid < content.size()) {
        std::size_t size = 1;
        while (size <= 4 && !is_valid_utf8(content.substr(valid, size))) ++size;
        if (size > 4) break;
        valid += size;
      }
      return line + valid;
    }
    if (end == std::string_view::npos) return line;
    line = end + 1;
  }
}

}  // namespace

Sources Sources::read(const fs::path& folder) { return FolderReader(folder).read(); }

Digest Sources::hash() const {
  Hasher hasher("reeve.sources.1");
  hasher.number(files.size());
  for (const auto& [path, text] : files) hasher.text(path).text(text);
  return hasher.finish();
}

std::optional<Finding> check_text(std::string_view path, std::string_view text) {
  if (text.size() > file_bytes_max) {
    return Finding{{std::string(path), 0, 0},
                   "the file is larger than 256 KiB",
                   "split it, or move data out of the blueprint",
                   ErrorCode::limit_exceeded};
  }
  if (text.starts_with("\xEF\xBB\xBF")) {
    return Finding{place_at(path, text, 0), "the file begins with a byte order mark",
                   "save it as UTF-8 without one"};
  }
  if (const std::size_t zero = text.find('\0'); zero != std::string_view::npos) {
    return Finding{place_at(path, text, zero), "the file contains a zero byte", "save it as UTF-8 text"};
  }
  if (!is_valid_utf8(text)) {
    return Finding{place_at(path, text, find_invalid_utf8(text)), "the file is not valid UTF-8",
                   "save it as UTF-8"};
  }
  return std::nullopt;
}

}  // namespace reeve::blueprint
