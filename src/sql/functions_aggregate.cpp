// Aggregates that collect values with their sort keys: SQLite 3.40 has no ORDER BY within an aggregate.

#include "base/json.h"
#include "sql/functions_internal.h"

#include <algorithm>
#include <map>
#include <vector>

namespace reeve::sql {
namespace {

struct Entry {
  Value value;
  Value extra;  ///< the delimiter of string_agg, the value of jsonb_object_agg
  std::vector<Value> keys;
};

/// `spec` is written by the translation: D for DISTINCT or -, how the value becomes JSON (j, b, t), then for
/// each key a or d for its direction and f or l for where its NULLs go.
struct Collected {
  std::string spec;
  std::vector<Entry> entries;
};

bool is_null(const Value& value) { return std::holds_alternative<Null>(value); }

int compare(const Value& left, const Value& right) {
  const ValueView a = ValueView::of(left);
  const ValueView b = ValueView::of(right);
  if (a.kind() == ValueView::Kind::text || a.kind() == ValueView::Kind::bytes) {
    const int order = a.text().compare(b.text());
    return order < 0 ? -1 : order > 0 ? 1 : 0;
  }
  if (a.kind() == ValueView::Kind::integer && b.kind() == ValueView::Kind::integer)
    return a.integer() < b.integer() ? -1 : a.integer() > b.integer() ? 1 : 0;
  const double x = a.kind() == ValueView::Kind::real ? a.real() : static_cast<double>(a.integer());
  const double y = b.kind() == ValueView::Kind::real ? b.real() : static_cast<double>(b.integer());
  return x < y ? -1 : x > y ? 1 : 0;
}

bool before(const std::string& spec, const Entry& left, const Entry& right) {
  for (std::size_t i = 0; i < left.keys.size(); ++i) {
    const bool descending = spec[2 + i * 2] == 'd';
    const bool nulls_first = spec[3 + i * 2] == 'f';
    const bool left_null = is_null(left.keys[i]);
    const bool right_null = is_null(right.keys[i]);
    if (left_null && right_null) continue;
    if (left_null || right_null) return left_null == nulls_first;
    const int order = compare(left.keys[i], right.keys[i]);
    if (order != 0) return (order < 0) != descending;
  }
  return false;
}

std::vector<Entry> in_order(const Collected& collected) {
  std::vector<Entry> entries = collected.entries;
  const std::string& spec = collected.spec;
  if (spec[0] == 'D' && spec.size() == 2) {  // DISTINCT sorts by the value, as PostgreSQL does.
    std::stable_sort(entries.begin(), entries.end(), [](const Entry& a, const Entry& b) {
      if (is_null(a.value) || is_null(b.value)) return !is_null(a.value) && is_null(b.value);
      return compare(a.value, b.value) < 0;
    });
  } else {
    std::stable_sort(entries.begin(), entries.end(),
                     [&](const Entry& a, const Entry& b) { return before(spec, a, b); });
  }
  if (spec[0] == 'D') {
    const auto same = [](const Entry& a, const Entry& b) {
      return is_null(a.value) || is_null(b.value) ? is_null(a.value) == is_null(b.value)
                                                  : compare(a.value, b.value) == 0;
    };
    entries.erase(std::unique(entries.begin(), entries.end(), same), entries.end());
  }
  return entries;
}

void* create() { return new Collected; }
void destroy(void* state) { delete static_cast<Collected*>(state); }

constexpr std::size_t rows_max = 1000000;

template <std::size_t Values, bool SkipNull>
void step(void* state, Arguments a) {
  auto& collected = *static_cast<Collected*>(state);
  if (collected.spec.empty()) collected.spec = a[0].text();
  if (SkipNull && a[1].is_null()) return;
  if (collected.entries.size() >= rows_max)
    throw Error(ErrorCode::limit_exceeded, "the aggregate collects more than 1000000 rows");
  Entry entry;
  entry.value = a[1].to_value();
  if (Values > 1) entry.extra = a[2].to_value();
  for (const ValueView& key : a.subspan(1 + Values)) entry.keys.push_back(key.to_value());
  collected.entries.push_back(std::move(entry));
}

Value string_agg(const void* state) {
  if (state == nullptr) return Null{};
  const auto& collected = *static_cast<const Collected*>(state);
  if (collected.entries.empty()) return Null{};
  std::string out;
  bool first = true;
  for (const Entry& entry : in_order(collected)) {
    if (!first && !is_null(entry.extra)) out += std::get<std::string>(entry.extra);
    first = false;
    out += std::get<std::string>(entry.value);
  }
  return out;
}

Value jsonb_agg(const void* state) {
  if (state == nullptr) return Null{};
  const auto& collected = *static_cast<const Collected*>(state);
  if (collected.entries.empty()) return Null{};
  std::string out = "[";
  for (const Entry& entry : in_order(collected)) {
    if (out.size() > 1) out += ',';
    append_json(collected.spec[1], ValueView::of(entry.value), out);
  }
  return out + "]";
}

struct MemberLess {
  bool operator()(const std::string& left, const std::string& right) const {
    return json::member_less(left, right);
  }
};

Value jsonb_object_agg(const void* state) {
  if (state == nullptr) return Null{};
  const auto& collected = *static_cast<const Collected*>(state);
  if (collected.entries.empty()) return Null{};
  std::map<std::string, std::string, MemberLess> members;
  for (const Entry& entry : in_order(collected)) {
    if (is_null(entry.value)) fail("field name must not be null");
    std::string value;
    append_json(collected.spec[1], ValueView::of(entry.extra), value);
    members[std::get<std::string>(entry.value)] = std::move(value);
  }
  std::string out = "{";
  for (const auto& [key, value] : members) {
    if (out.size() > 1) out += ',';
    json::append_canonical_string(key, out);
    out += ':';
    out += value;
  }
  return out + "}";
}

/// The value of the only row; a second row is the error that it is in PostgreSQL.
void step_single(void* state, Arguments a) {
  auto& collected = *static_cast<Collected*>(state);
  if (!collected.entries.empty()) fail("more than one row returned by a subquery used as an expression");
  collected.entries.push_back({a[0].to_value(), {}, {}});
}

Value single(const void* state) {
  if (state == nullptr) return Null{};
  const auto& collected = *static_cast<const Collected*>(state);
  return collected.entries.empty() ? Value{Null{}} : collected.entries[0].value;
}

constexpr AggregateFunction table[] = {
    {"reeve_string_agg", -1, create, step<2, true>, string_agg, destroy},
    {"reeve_jsonb_agg", -1, create, step<1, false>, jsonb_agg, destroy},
    {"reeve_jsonb_object_agg", -1, create, step<2, false>, jsonb_object_agg, destroy},
    {"reeve_single", 1, create, step_single, single, destroy},
};

}  // namespace

std::span<const AggregateFunction> collecting_functions() { return table; }

}  // namespace reeve::sql
