#include "adoption/sqlite_text.h"

#include <algorithm>
#include <optional>

namespace reeve::adoption {

namespace {

char lower(char letter) {
  return letter >= 'A' && letter <= 'Z' ? static_cast<char>(letter - 'A' + 'a') : letter;
}

bool is_word(char letter) {
  return (lower(letter) >= 'a' && lower(letter) <= 'z') || (letter >= '0' && letter <= '9') ||
         letter == '_' || static_cast<unsigned char>(letter) >= 0x80U;
}

/// The end of the token that begins at a place: a name, a quoted text, a comment, or one letter.
std::size_t token_end(std::string_view sql, std::size_t at) {
  const auto behind = [&](std::size_t found, std::size_t size) {
    return found == std::string_view::npos ? sql.size() : found + size;
  };
  switch (sql[at]) {
    case '\'':
    case '"':
    case '`': {
      for (std::size_t end = at + 1; end < sql.size(); ++end) {
        if (sql[end] == sql[at]) {
          if (end + 1 == sql.size() || sql[end + 1] != sql[at]) {
            return end + 1;
          }
          ++end;
        }
      }
      return sql.size();
    }
    case '[': return behind(sql.find(']', at), 1);
    default: break;
  }
  if (sql.substr(at).starts_with("--")) {
    return behind(sql.find('\n', at), 1);
  }
  if (sql.substr(at).starts_with("/*")) {
    return behind(sql.find("*/", at + 2), 2);
  }
  std::size_t end = at + 1;
  while (is_word(sql[at]) && end < sql.size() && is_word(sql[end])) {
    ++end;
  }
  return end;
}

std::string_view trimmed(std::string_view text) {
  const auto is_space = [](char letter) { return letter == ' ' || (letter >= '\t' && letter <= '\r'); };
  while (!text.empty() && is_space(text.front())) text.remove_prefix(1);
  while (!text.empty() && is_space(text.back())) text.remove_suffix(1);
  return text;
}

}  // namespace

bool same_name(std::string_view left, std::string_view right) {
  return std::equal(left.begin(), left.end(), right.begin(), right.end(),
                    [](char one, char other) { return lower(one) == lower(other); });
}

std::vector<std::string> checks_of(std::string_view create_table) {
  std::vector<std::string> checks;
  bool is_due = false;  // behind the word CHECK
  int depth = 0;        // of the parentheses of a check
  std::size_t begin = 0;
  for (std::size_t at = 0; at < create_table.size();) {
    const std::size_t end = token_end(create_table, at);
    const std::string_view token = create_table.substr(at, end - at);
    if (token == "(" && (is_due || depth > 0)) {
      begin = depth == 0 ? end : begin;
      ++depth;
      is_due = false;
    } else if (token == ")" && depth > 0 && --depth == 0) {
      checks.emplace_back(trimmed(create_table.substr(begin, at - begin)));
    } else if (depth == 0 && !trimmed(token).empty()) {
      is_due = same_name(token, "CHECK");
    }
    at = end;
  }
  return checks;
}

std::string select_of_view(std::string_view create_view) {
  bool is_behind_view = false;
  int names = 0;
  for (std::size_t at = 0; at < create_view.size();) {
    const std::size_t end = token_end(create_view, at);
    const std::string_view token = create_view.substr(at, end - at);
    if (token == "(") {
      return {};
    }
    if (is_behind_view && names > 0 && same_name(token, "AS")) {
      std::string_view select = trimmed(create_view.substr(end));
      while (select.ends_with(';')) {
        select = trimmed(select.substr(0, select.size() - 1));
      }
      return std::string(select);
    }
    if (is_behind_view && !trimmed(token).empty()) {
      ++names;
    }
    is_behind_view = is_behind_view || same_name(token, "VIEW");
    at = end;
  }
  return {};
}

}  // namespace reeve::adoption
