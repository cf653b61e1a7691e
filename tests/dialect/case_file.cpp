#include "case_file.h"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <map>
#include <stdexcept>

namespace reeve::test {
namespace {

using Lists = std::map<std::string, std::vector<std::string>>;

std::vector<std::string> members_of(const std::string& text) {
  std::vector<std::string> out;
  for (std::size_t from = 0;;) {
    const auto bar = text.find(" | ", from);
    out.push_back(text.substr(from, bar - from));
    if (bar == std::string::npos) return out;
    from = bar + 3;
  }
}

/// The first {NAME} of a list, as its start and length; nothing where braces are JSON's.
std::pair<std::size_t, std::size_t> find_list(const std::string& text, const Lists& lists) {
  for (auto open = text.find('{'); open != std::string::npos; open = text.find('{', open + 1)) {
    const auto close = text.find('}', open);
    if (close != std::string::npos && lists.contains(text.substr(open + 1, close - open - 1)))
      return {open, close + 1 - open};
  }
  return {std::string::npos, 0};
}

std::vector<std::string> expanded(const std::string& text, const Lists& lists) {
  const auto [start, length] = find_list(text, lists);
  if (start == std::string::npos) return {text};
  std::vector<std::string> out;
  for (const std::string& member : lists.at(text.substr(start + 1, length - 2))) {
    std::string with = text;
    with.replace(start, length, member);
    for (std::string& each : expanded(with, lists)) out.push_back(std::move(each));
  }
  return out;
}

bool is_statement(const std::string& text) {
  if (text.starts_with("(SELECT "))
    return text.find(") ") != std::string::npos && text.find(" ORDER BY ") != std::string::npos;
  const std::string word = text.substr(0, text.find(' '));
  return word == "SELECT" || word == "WITH" || word == "VALUES" || word == "INSERT" || word == "UPDATE" ||
         word == "DELETE";
}

}  // namespace

std::vector<CaseLine> read_cases(const std::string& path) {
  std::ifstream file(path);
  if (!file) throw std::runtime_error("no file " + path);
  const std::string name = std::filesystem::path(path).filename();
  Lists lists;
  std::vector<CaseLine> out;
  std::string text;
  for (int number = 1; std::getline(file, text); ++number) {
    if (text.empty() || text.starts_with("#")) continue;
    if (text.starts_with("let ")) {
      const auto equals = text.find(" = ");
      if (equals == std::string::npos) throw std::runtime_error(name + ": let NAME = A | B");
      lists[text.substr(4, equals - 4)] = members_of(text.substr(equals + 3));
      continue;
    }
    CaseLine line;
    line.file = name;
    line.line = number;
    const auto take = [&](std::string_view prefix, Expected expected) {
      if (!text.starts_with(prefix)) return;
      text.erase(0, prefix.size());
      line.expected = expected;
    };
    take("! ", Expected::error);
    take("~ ", Expected::settled);
    take("schema ", Expected::schema);
    line.statement = is_statement(text);
    line.cases = expanded(text, lists);
    out.push_back(std::move(line));
  }
  return out;
}

std::vector<std::string> case_files(const std::string& folder) {
  std::vector<std::string> out;
  for (const auto& entry : std::filesystem::directory_iterator(folder))
    out.push_back(entry.path().filename());
  std::sort(out.begin(), out.end());
  return out;
}

}  // namespace reeve::test
