#include "migration/folder.h"

#include "base/hash.h"
#include "base/utf8.h"
#include "migration/script.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <fstream>
#include <map>
#include <tuple>

namespace reeve::migration {

namespace {

constexpr std::uintmax_t file_bytes_max = 16 * 1024 * 1024;
constexpr std::size_t files_max = 100'000;

constexpr std::array<std::string_view, 4> tool_names = {"golang-migrate", "sqlx", "dbmate", "goose"};

struct File {
  std::string name;
  std::int64_t version = 0;
  std::string text;
};

[[noreturn]] void refuse(const std::string& file, int line, const std::string& message,
                         const std::string& remedy = {}) {
  throw Error(ErrorCode::invalid_input, message, remedy, {file, line, 0});
}

std::string_view trimmed(std::string_view text) {
  constexpr std::string_view blanks = " \t\r\n";
  const std::size_t first = text.find_first_not_of(blanks);
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(blanks) - first + 1);
}

/// What stands behind `-- PREFIX` on a line, trimmed, or nothing. Letters of either case are the same.
std::optional<std::string_view> mark(std::string_view line, std::string_view prefix) {
  line = trimmed(line);
  if (!line.starts_with("--")) return {};
  line = trimmed(line.substr(2));
  if (!is_same_word(line.substr(0, prefix.size()), prefix)) return {};
  return trimmed(line.substr(prefix.size()));
}

template <typename Visit>
void for_each_line(std::string_view text, const Visit& visit) {
  int number = 0;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size() - 1);
    visit(++number, text.substr(0, end + 1));
    text.remove_prefix(end + 1);
  }
}

std::string read_text(const std::filesystem::directory_entry& entry) {
  const std::string name = entry.path().filename().string();
  const std::uintmax_t size = entry.file_size();
  if (size > file_bytes_max) {
    throw Error(ErrorCode::limit_exceeded, "the file is larger than 16 MB", "split it", {name, 0, 0});
  }
  std::string text(size, '\0');
  std::ifstream stream(entry.path(), std::ios::binary);
  stream.read(text.data(), static_cast<std::streamsize>(size));
  if (!stream) throw Error(ErrorCode::unavailable, "the file can't be read", "", {name, 0, 0});
  if (!is_valid_utf8(text) || text.find('\0') != std::string::npos) {
    refuse(name, 0, "the file is not UTF-8 without U+0000", "save it as UTF-8");
  }
  constexpr std::string_view byte_order_mark = "\xEF\xBB\xBF";
  if (text.starts_with(byte_order_mark)) text.erase(0, byte_order_mark.size());
  return text;
}

/// The number that a name begins with; nothing for another name.
std::optional<std::int64_t> version_of(const std::string& name) {
  std::int64_t version = 0;
  const char* end = name.data() + name.size();
  const auto [rest, error] = std::from_chars(name.data(), end, version);
  if (rest == name.data()) return {};
  if (error != std::errc{} || version < 0) refuse(name, 0, "the version is above 9223372036854775807");
  return version;
}

std::vector<File> read_files(const std::filesystem::path& folder) {
  if (!std::filesystem::is_directory(folder)) {
    throw Error(ErrorCode::not_found, fmt::format("there is no folder {}", folder.string()));
  }
  std::vector<File> files;
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    const std::string name = entry.path().filename().string();
    const std::optional<std::int64_t> version = name.front() == '.' ? std::nullopt : version_of(name);
    if (!version || !entry.is_regular_file()) continue;
    if (name.ends_with(".go")) {
      refuse(name, 0, "a migration in Go runs in its own program only",
             "apply it with that program first, or write it as SQL");
    }
    if (!name.ends_with(".sql")) continue;
    files.push_back({name, *version, read_text(entry)});
    if (files.size() > files_max) {
      throw Error(ErrorCode::limit_exceeded,
                  fmt::format("{} holds more than {} files", folder.string(), files_max));
    }
  }
  std::sort(files.begin(), files.end(), [](const File& left, const File& right) {
    return std::tie(left.version, left.name) < std::tie(right.version, right.name);
  });
  if (files.empty()) {
    throw Error(
        ErrorCode::invalid_input,
        fmt::format("{} holds no migration: no .sql file whose name begins with a number", folder.string()));
  }
  return files;
}

bool has_mark(const File& file, std::string_view prefix) {
  bool found = false;
  for_each_line(file.text,
                [&](int, std::string_view line) { found = found || mark(line, prefix).has_value(); });
  return found;
}

bool is_half(const File& file) { return file.name.ends_with(".up.sql") || file.name.ends_with(".down.sql"); }

Tool tool_of(const std::vector<File>& files) {
  for (const File& file : files) {
    if (has_mark(file, "migrate:up")) return Tool::dbmate;
    if (has_mark(file, "+goose up")) return Tool::goose;
  }
  return std::all_of(files.begin(), files.end(), is_half) ? Tool::golang_migrate : Tool::sqlx;
}

Section section_of(const std::string& file, int line, std::string text, bool in_transaction = true) {
  const bool can = word_against_transaction(text).empty();
  return {std::move(text), {file, line, 1}, in_transaction && can};
}

Step step_of(const File& file, Section up, std::optional<Section> down) {
  Step step{file.version, file.name, std::move(up), std::move(down), {}, {}};
  step.checksum = to_hex(Hasher("migration").text(step.up.text).finish());
  step.meaning = to_hex(Hasher("migration tokens").text(meaning_of(step.up.text)).finish());
  return step;
}

/// golang-migrate's `VERSION_TITLE.up.sql` and `.down.sql`, and sqlx's, whose files may also stand alone.
std::vector<Step> read_halves(const std::vector<File>& files) {
  std::map<std::int64_t, const File*> downs;
  for (const File& file : files)
    if (file.name.ends_with(".down.sql") && !downs.emplace(file.version, &file).second)
      refuse(file.name, 0, fmt::format("a second down file of version {}", file.version));
  const auto section = [](const File& file) {
    bool in_transaction = true;
    for_each_line(file.text, [&](int line, std::string_view text) {
      if (line == 1 && mark(text, "no-transaction")) in_transaction = false;
    });
    return section_of(file.name, 1, file.text, in_transaction);
  };
  std::vector<Step> steps;
  for (const File& file : files) {
    for (const std::string_view other : {"migrate:up", "migrate:down", "+goose"})
      if (has_mark(file, other))
        refuse(file.name, 0, fmt::format("`-- {}` is a mark of another tool", other),
               "say which with --tool");
    if (file.name.ends_with(".down.sql")) continue;
    const auto down = downs.find(file.version);
    steps.push_back(step_of(file, section(file),
                            down == downs.end() ? std::nullopt : std::optional(section(*down->second))));
    if (down != downs.end()) downs.erase(down);
  }
  if (!downs.empty()) {
    refuse(downs.begin()->second->name, 0, "a down file without its up file");
  }
  return steps;
}

/// `-- migrate:up` and `-- migrate:down`, each perhaps with `transaction:false`.
Step read_dbmate(const File& file) {
  struct Part {
    int line = 0;
    bool in_transaction = true;
    std::string text;
  };
  std::optional<Part> up;
  std::optional<Part> down;
  Part* part = nullptr;
  for_each_line(file.text, [&](int number, std::string_view line) {
    for (const auto& [word, target] : {std::pair("migrate:up", &up), std::pair("migrate:down", &down)}) {
      const auto options = mark(line, word);
      if (!options) continue;
      if (*target) refuse(file.name, number, fmt::format("a second `-- {}`", word));
      if (target == &down && !up) refuse(file.name, number, "`-- migrate:down` before `-- migrate:up`");
      if (!options->empty() && *options != "transaction:false" && *options != "transaction:true") {
        refuse(file.name, number, fmt::format("the option {} is unknown", *options),
               "write transaction:false");
      }
      *target = Part{number + 1, *options != "transaction:false", {}};
      part = &**target;
      return;
    }
    if (part != nullptr) {
      part->text += line;
    } else if (!tokens_of(line).empty()) {
      refuse(file.name, number, "a statement before `-- migrate:up`");
    }
  });
  if (!up) refuse(file.name, 0, "there is no `-- migrate:up`");
  const auto section = [&](Part& found) {
    return section_of(file.name, found.line, std::move(found.text), found.in_transaction);
  };
  Section first = section(*up);
  return step_of(file, std::move(first), down ? std::optional(section(*down)) : std::nullopt);
}

/// `-- +goose Up`, `Down`, `StatementBegin`, `StatementEnd`, `NO TRANSACTION`.
Step read_goose(const File& file) {
  std::string up;
  std::string down;
  int up_line = 0;
  int down_line = 0;
  int open_line = 0;  // of StatementBegin
  bool in_transaction = true;
  std::string* part = nullptr;
  for_each_line(file.text, [&](int number, std::string_view line) {
    const auto marked = mark(line, "+goose");
    if (!marked) {
      if (part != nullptr) *part += line;
      return;
    }
    const auto is = [&](std::string_view word) { return is_same_word(*marked, word); };
    if (is("Up") || is("Down")) {
      int& start = is("Up") ? up_line : down_line;
      if (start != 0) refuse(file.name, number, fmt::format("a second `-- +goose {}`", *marked));
      if (open_line != 0) refuse(file.name, open_line, "`-- +goose StatementBegin` is not ended");
      start = number + 1;
      part = is("Up") ? &up : &down;
    } else if (is("NO TRANSACTION")) {
      in_transaction = false;
      if (part != nullptr) *part += '\n';
    } else if (is("StatementBegin") || is("StatementEnd")) {
      const bool begins = is("StatementBegin");
      if (begins == (open_line != 0))
        refuse(file.name, number, fmt::format("`-- +goose {}` out of its order", *marked));
      open_line = begins ? number : 0;
      if (part != nullptr) *part += '\n';
    } else {
      refuse(file.name, number, fmt::format("`-- +goose {}` needs goose itself", *marked),
             "write the values into the file");
    }
  });
  if (open_line != 0) refuse(file.name, open_line, "`-- +goose StatementBegin` is not ended");
  if (up_line == 0) refuse(file.name, 0, "there is no `-- +goose Up`");
  return step_of(file, section_of(file.name, up_line, std::move(up), in_transaction),
                 down_line == 0
                     ? std::nullopt
                     : std::optional(section_of(file.name, down_line, std::move(down), in_transaction)));
}

}  // namespace

std::string_view name_of(Tool tool) { return tool_names.at(static_cast<std::size_t>(tool)); }

Tool tool_named(std::string_view name) {
  const auto* found = std::find(tool_names.begin(), tool_names.end(), name);
  if (found == tool_names.end()) {
    throw Error(ErrorCode::invalid_input, fmt::format("folders of {} are not known", name),
                fmt::format("one of {}", fmt::join(tool_names, ", ")));
  }
  return static_cast<Tool>(found - tool_names.begin());
}

Folder read_folder(const std::filesystem::path& path, std::optional<Tool> tool) {
  const std::vector<File> files = read_files(path);
  Folder folder{tool.value_or(tool_of(files)), {}};
  if (folder.tool == Tool::golang_migrate || folder.tool == Tool::sqlx) {
    folder.steps = read_halves(files);
  } else {
    for (const File& file : files)
      folder.steps.push_back(folder.tool == Tool::dbmate ? read_dbmate(file) : read_goose(file));
  }
  for (std::size_t i = 1; i < folder.steps.size(); ++i)
    if (folder.steps[i].version == folder.steps[i - 1].version)
      refuse(folder.steps[i].name, 0,
             fmt::format("version {} is that of {} too", folder.steps[i].version, folder.steps[i - 1].name),
             "give one of them another number");
  return folder;
}

}  // namespace reeve::migration
