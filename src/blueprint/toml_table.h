#pragma once
// The tables of a TOML file, read strictly: what is missing, of another type or unknown is a finding with its place.

#include "blueprint/file_name.h"
#include "blueprint/findings.h"

#include <algorithm>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

// toml++ 3.3 takes some malformed texts (`[[[`) for impossible: it aborts on them, or in a release build
// walks on undefined. Here its assertions throw, whatever the build.
namespace reeve::blueprint {
struct MalformedToml {};
[[noreturn]] inline void refuse_malformed_toml() { throw MalformedToml(); }
}  // namespace reeve::blueprint
#undef NDEBUG
#define TOML_ASSERT(expression) ((expression) ? void() : reeve::blueprint::refuse_malformed_toml())
#define TOML_HEADER_ONLY 1
#include <toml++/toml.h>

namespace reeve::blueprint {

/// A file of the sources. Both must outlive who reads it.
struct TomlFile {
  std::string_view path;
  std::string_view text;
};

/// toml++ counts columns in code points, places count bytes.
inline Place to_place(const TomlFile& file, const toml::source_position& position) {
  const std::string_view text = file.text;
  Place place{std::string(file.path), static_cast<int>(position.line), static_cast<int>(position.column)};
  std::size_t begin = 0;
  for (toml::source_index line = 1; line < position.line; ++line) {
    begin = text.find('\n', begin);
    if (begin == std::string_view::npos) return place;
    ++begin;
  }
  std::size_t at = begin;
  for (toml::source_index column = 1; column < position.column && at < text.size(); ++column) {
    ++at;
    while (at < text.size() && (static_cast<unsigned char>(text[at]) & 0xC0U) == 0x80U) ++at;
  }
  place.column = static_cast<int>(at - begin + 1);
  return place;
}

/// Reads the members of one table and reports those that nobody asked for.
class TableReader {
 public:
  TableReader(const TomlFile& file, const toml::table& table, std::string section, Findings& findings)
      : file_(file), table_(table), section_(std::move(section)), findings_(findings) {}

  const toml::node* find(std::string_view key, bool required, const std::string& example) {
    known_.emplace_back(key);
    const toml::node* node = table_.get(key);
    if (node == nullptr && required) {
      findings_.add(place(), path(key) + " is missing", "write it as: " + example);
    }
    return node;
  }

  std::string text(std::string_view key, bool required, const std::string& example) {
    const toml::node* node = find(key, required, example);
    if (node == nullptr) return {};
    if (const auto* value = node->as_string()) {
      if (required && value->get().empty())
        findings_.add(place(*node), path(key) + " is empty", "write it as: " + example);
      return value->get();
    }
    wrong_type(key, *node, "a string", example);
    return {};
  }

  /// One of the names that docs/blueprint.md allows; '' when it is missing.
  std::string name(std::string_view key, const std::string& example) {
    std::string value = text(key, true, example);
    if (!value.empty() && !is_name(value)) {
      findings_.add(place(*table_.get(key)), "`" + value + "` is not a name",
                    "a name is [a-z][a-z0-9_]*, at most 63 bytes: " + example);
    }
    return value;
  }

  /// `format = 1`.
  void check_format(const std::string& what) {
    const toml::node* format = find("format", true, "format = 1");
    if (format == nullptr) return;
    if (!format->is_integer()) {
      wrong_type("format", *format, "an integer", "format = 1");
    } else if (format->as_integer()->get() != 1) {
      findings_.add(place(*format), what + " has a format that this version does not know",
                    "write `format = 1`, or use a newer version of Reeve");
    }
  }

  void wrong_type(std::string_view key, const toml::node& node, const std::string& expected,
                  const std::string& example) {
    findings_.add(place(node), path(key) + " is not " + expected, "write it as: " + example);
  }

  void refuse_unknown() {
    for (const auto& [key, node] : table_) {
      if (std::find(known_.begin(), known_.end(), key.str()) != known_.end()) continue;
      findings_.add(to_place(file_, key.source().begin), "unknown key " + path(key.str()),
                    "known here: " + quoted_list(known_));
    }
  }

  Place place(const toml::node& node) const { return to_place(file_, node.source().begin); }
  Place place() const {
    const toml::source_position begin = table_.source().begin;
    return begin ? to_place(file_, begin) : Place{std::string(file_.path), 1, 1};
  }

 private:
  std::string path(std::string_view key) const {
    return "`" + (section_.empty() ? std::string() : section_ + ".") + std::string(key) + "`";
  }

  TomlFile file_;
  const toml::table& table_;
  std::string section_;
  Findings& findings_;
  std::vector<std::string> known_;
};

/// Nothing when it is no TOML; that finding has then been made.
inline std::optional<toml::table> parse_toml(const TomlFile& file, Findings& findings) {
  try {
    return toml::parse(file.text, file.path);
  } catch (const toml::parse_error& error) {
    findings.add(to_place(file, error.source().begin), std::string(error.description()),
                 "mend the TOML (https://toml.io/en/v1.0.0)");
  } catch (const MalformedToml&) {
    findings.add({std::string(file.path), 0, 0}, "the file is not TOML",
                 "mend the TOML (https://toml.io/en/v1.0.0)");
  }
  return std::nullopt;
}

}  // namespace reeve::blueprint
