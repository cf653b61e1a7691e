#include "blueprint/findings.h"

#include <algorithm>
#include <utility>

namespace reeve::blueprint {

void Findings::add(Place place, std::string message, std::string remedy, ErrorCode code) {
  if (full()) return;
  const bool known = std::any_of(list_.begin(), list_.end(), [&](const Finding& finding) {
    return finding.place == place && finding.message == message;
  });
  if (known) return;
  list_.push_back({std::move(place), std::move(message), std::move(remedy), code});
}

void Findings::add(const Error& error, const Place& fallback) {
  const bool of_the_file =
      error.code() == ErrorCode::invalid_input || error.code() == ErrorCode::bad_statement ||
      error.code() == ErrorCode::limit_exceeded || error.code() == ErrorCode::type_mismatch;
  if (!of_the_file) throw error;
  Place place = error.place();
  if (place.file.empty()) place.file = fallback.file;
  if (place.line == 0) {
    place.line = fallback.line;
    place.column = fallback.column;
  }
  const bool of_sql = error.code() == ErrorCode::bad_statement && error.remedy().empty();
  add(std::move(place), error.message(), of_sql ? "docs/dialect.md says what can be written" : error.remedy(),
      error.code());
}

void Findings::raise() const {
  if (list_.empty()) return;
  const Finding& first = list_.front();
  std::string message = first.message;
  if (list_.size() > 1) {
    message += "; and " + std::to_string(list_.size() - 1) +
               (list_.size() == 2 ? " other finding" : " other findings");
  }
  throw Error(first.code, message, first.remedy, first.place);
}

Place place_at(std::string_view file, std::string_view text, std::size_t offset) {
  const std::string_view before = text.substr(0, std::min(offset, text.size()));
  const std::size_t line_begin = before.rfind('\n') == std::string_view::npos ? 0 : before.rfind('\n') + 1;
  const auto line = std::count(before.begin(), before.end(), '\n') + 1;
  return {std::string(file), static_cast<int>(line), static_cast<int>(before.size() - line_begin + 1)};
}

std::string quoted_list(const std::vector<std::string>& names) {
  std::string list;
  for (const std::string& name : names) {
    if (!list.empty()) list += ", ";
    list += '`' + name + '`';
  }
  return list;
}

}  // namespace reeve::blueprint
