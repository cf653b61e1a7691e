#include "adoption/irregularity.h"

#include "base/json.h"
#include "base/utf8.h"

#include <fmt/format.h>

#include <utility>

namespace reeve::adoption {

namespace {

constexpr std::size_t shown_bytes_max = 80;

void append_member(std::string& out, std::string_view name, const std::string& value) {
  if (value.empty()) {
    return;
  }
  out += out.back() == '{' ? "" : ",";
  json::append_canonical_string(name, out);
  out += ':';
  json::append_canonical_string(value, out);
}

}  // namespace

std::string shortened(std::string value) {
  if (value.size() > shown_bytes_max) {
    std::size_t end = shown_bytes_max;
    while (end > 0 && (static_cast<unsigned char>(value[end]) & 0xC0U) == 0x80U) --end;
    value = value.substr(0, end) + "…";
  }
  return is_valid_utf8(value) ? value : std::string("(no text)");
}

void Findings::add(Irregularity one) {
  ++counts_[one.code];
  if (++kept_[{one.code, one.table}] <= kept_of_kind) {
    one.value = shortened(std::move(one.value));
    list_.push_back(std::move(one));
  }
}

std::string Findings::json_counts() const {
  std::string out = "{";
  for (const auto& [code, count] : counts_) {
    out += out.size() == 1 ? "" : ",";
    json::append_canonical_string(code, out);
    out += fmt::format(":{}", count);
  }
  return out + "}";
}

std::string Findings::json_list() const {
  std::string out = "[";
  for (const Irregularity& one : list_) {
    out += out.size() == 1 ? "{" : ",{";
    append_member(out, "code", one.code);
    append_member(out, "done", one.done);
    append_member(out, "field", one.field);
    append_member(out, "row", one.row);
    append_member(out, "table", one.table);
    append_member(out, "value", one.value);
    out += '}';
  }
  return out + "]";
}

}  // namespace reeve::adoption
